"""Functionals by openSMILE, which runs in a process of its own.

In one process with TensorFlow, imported first, opensmile 2.6.0 corrupts the memory (`malloc():
invalid size`) and takes the program down. So each process that asks for functionals starts a child
for each feature set, `python -m ravdess_exp.features.opensmile SET`, that knows openSMILE alone and
ends with its parent. A request is the number of samples, the sample rate and the samples; the answer
float32 values. The package `opensmile` is an extra of the installation, and free for research only.
"""

import functools
import os
import struct
import subprocess
import sys
import warnings
from dataclasses import dataclass
from importlib.util import find_spec
from typing import ClassVar

import numpy as np

from ravdess_exp.command import install_command
from ravdess_exp.errors import ConfigError, FeatureError

COUNTS = {"eGeMAPSv02": 88, "ComParE_2016": 6373}  # functionals by openSMILE's name of the set
_HEADER = struct.Struct("<qq")


@dataclass(frozen=True, kw_only=True)
class Egemaps:
    """The 88 functionals of eGeMAPSv02, (88,).

    Source: Eyben et al. (2016), IEEE Trans. Affective Computing 7(2).
    """

    sample_rate: int
    standardise: str
    frames: ClassVar[None] = None
    rows: ClassVar[str] = "functional"
    computed_by: ClassVar[tuple[str, ...]] = ("opensmile",)

    def __call__(self, waveform: np.ndarray) -> np.ndarray:
        """See `AudioFeature`; raises `FeatureError` where openSMILE finds a clip too short."""
        return _finite_functionals(waveform, self.sample_rate, "eGeMAPSv02")


@dataclass(frozen=True, kw_only=True)
class Compare:
    """The 6,373 functionals of ComParE 2016, (6373,).

    Source: Schuller et al. (2016), "The INTERSPEECH 2016 computational paralinguistics challenge".
    """

    sample_rate: int
    standardise: str
    frames: ClassVar[None] = None
    rows: ClassVar[str] = "functional"
    computed_by: ClassVar[tuple[str, ...]] = ("opensmile",)

    def __call__(self, waveform: np.ndarray) -> np.ndarray:
        """See `AudioFeature`; raises `FeatureError` where openSMILE finds a clip too short."""
        return _finite_functionals(waveform, self.sample_rate, "ComParE_2016")


def _finite_functionals(waveform: np.ndarray, sample_rate: int, feature_set: str) -> np.ndarray:
    values = functionals(waveform, sample_rate, feature_set)
    if not np.isfinite(values).all():
        seconds = len(waveform) / sample_rate
        raise FeatureError(f"{seconds:.2f} s of speech are too short for openSMILE")
    return values


def functionals(
    waveform: np.ndarray, sample_rate: int, feature_set: str = "eGeMAPSv02"
) -> np.ndarray:
    """The functionals of a feature set (one of `COUNTS`), (n,) float32, of a waveform (samples,) float32.

    NaN where the clip is too short. Raises `ConfigError` without openSMILE, `ChildProcessError` where
    it ended over this clip; the next one gets a new process.
    """
    child = _child(feature_set)
    samples = np.ascontiguousarray(waveform, np.float32)
    expected = 4 * COUNTS[feature_set]
    try:
        child.stdin.write(_HEADER.pack(len(samples), sample_rate) + samples.tobytes())
        child.stdin.flush()
        answer = child.stdout.read(expected)
    except BrokenPipeError:
        answer = b""
    if len(answer) < expected:
        _child.cache_clear()
        raise ChildProcessError(f"openSMILE ended with exit code {child.wait()}")
    return np.frombuffer(answer, np.float32).copy()


@functools.lru_cache(maxsize=len(COUNTS))
def _child(feature_set: str) -> subprocess.Popen:
    if find_spec("opensmile") is None:
        raise ConfigError(
            "audio=egemaps and audio=compare need the package opensmile: "
            + install_command("egemaps")
        )
    command = [sys.executable, "-m", "ravdess_exp.features.opensmile", feature_set]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - ours


def serve(feature_set: str) -> None:
    """Answer requests until the parent is gone."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not be taken for an answer
    import opensmile

    warnings.simplefilter("ignore")  # of a clip that is too short: NaN says it
    smile = opensmile.Smile(
        feature_set=opensmile.FeatureSet[feature_set],
        feature_level=opensmile.FeatureLevel.Functionals,
    )
    while header := sys.stdin.buffer.read(_HEADER.size):
        count, rate = _HEADER.unpack(header)
        waveform = np.frombuffer(sys.stdin.buffer.read(4 * count), np.float32)
        values = smile.process_signal(waveform, rate).to_numpy(dtype=np.float32)
        answers.write(values.tobytes())
        answers.flush()


if __name__ == "__main__":
    serve(sys.argv[1])
