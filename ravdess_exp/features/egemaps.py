"""openSMILE in a process of its own.

In one process with TensorFlow, imported first, opensmile 2.6.0 corrupts the memory (`malloc():
invalid size`) and takes the program down. So each process that asks for functionals starts a child,
`python -m ravdess_exp.features.egemaps`, that knows openSMILE alone and ends with its parent. A
request is the number of samples, the sample rate and the samples; the answer 88 float32 values.
"""

import functools
import os
import struct
import subprocess
import sys
import warnings
from importlib.util import find_spec

import numpy as np

from ravdess_exp.errors import ConfigError

COUNT = 88
_HEADER = struct.Struct("<qq")


def functionals(waveform: np.ndarray, sample_rate: int) -> np.ndarray:
    """The functionals of eGeMAPSv02, (88,) float32, of a waveform (samples,) float32.

    NaN where the clip is too short. Raises `ConfigError` without openSMILE, `ChildProcessError` where
    it ended over this clip; the next one gets a new process.
    """
    child = _child()
    samples = np.ascontiguousarray(waveform, np.float32)
    try:
        child.stdin.write(_HEADER.pack(len(samples), sample_rate) + samples.tobytes())
        child.stdin.flush()
        answer = child.stdout.read(4 * COUNT)
    except BrokenPipeError:
        answer = b""
    if len(answer) < 4 * COUNT:
        _child.cache_clear()
        raise ChildProcessError(f"openSMILE ended with exit code {child.wait()}")
    return np.frombuffer(answer, np.float32).copy()


@functools.lru_cache(maxsize=1)
def _child() -> subprocess.Popen:
    if find_spec("opensmile") is None:
        raise ConfigError(
            "audio=egemaps needs the package opensmile: pip install 'ravdess_exp[egemaps]'"
        )
    command = [sys.executable, "-m", "ravdess_exp.features.egemaps"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - ours


def serve() -> None:
    """Answer requests until the parent is gone."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not be taken for an answer
    import opensmile

    warnings.simplefilter("ignore")  # of a clip that is too short: NaN says it
    smile = opensmile.Smile(
        feature_set=opensmile.FeatureSet.eGeMAPSv02,
        feature_level=opensmile.FeatureLevel.Functionals,
    )
    while header := sys.stdin.buffer.read(_HEADER.size):
        count, rate = _HEADER.unpack(header)
        waveform = np.frombuffer(sys.stdin.buffer.read(4 * count), np.float32)
        values = smile.process_signal(waveform, rate).to_numpy(dtype=np.float32)
        answers.write(values.tobytes())
        answers.flush()


if __name__ == "__main__":
    serve()
