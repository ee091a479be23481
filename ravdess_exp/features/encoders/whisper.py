"""The encoder of Whisper as an audio feature."""

import functools
import json
import zipfile
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ravdess_exp.errors import ConfigError
from ravdess_exp.features.encoders.facts import ACCEPTED, EncoderFacts
from ravdess_exp.features.encoders.file import checked_digest, identity_of
from ravdess_exp.features.encoders.steps import (
    check_layer,
    kept_of,
    layer_number,
    layer_numbers,
    over_time,
    pooled,
    taken,
)
from ravdess_exp.features.encoders.whisper_blocks import Weights, blocks, depth
from ravdess_exp.features.encoders.whisper_mel import SAMPLE_RATE, whisper_mel

_SILENCE = SAMPLE_RATE // 2  # behind the clip; Whisper was trained on 30 s, mostly silence
_STEP = 320  # samples a step of the encoder: 20 ms


@dataclass(frozen=True, kw_only=True)
class Whisper:
    """Blocks of Whisper's encoder (Radford et al. 2023), frozen: (L, K*D), or one block (D, T).

    file: of weights, by the names of `whisper_blocks`; sha256: of that file, or None for any. frames None:
    K statistics over time of all L blocks by `pool` (see `steps.pooled`), of which `layer` is taken
    after the store; otherwise block `layer` over time, 50 steps a second. layer: middle, chosen (by
    training clips), a number from 1, or several side by side. saw_ravdess: accepted, or refused where it did.
    """

    file: str
    sha256: str | None
    layer: str | int | list[int]
    pool: str = "moments"  # as bundles of version 0.2 have it
    saw_ravdess: str
    standardise: str
    frames: str | int | None
    sample_rate: ClassVar[int] = SAMPLE_RATE
    rows: ClassVar[str] = "channel"
    computed_by: ClassVar[tuple[str, ...]] = ("librosa",)

    def facts(self) -> EncoderFacts:
        """What the file says of itself."""
        return EncoderFacts.of(self.file, self._network().facts)

    def check(self) -> None:
        """Raise `ConfigError` where it cannot be used."""
        network = self._network()
        check_layer(self.layer, network.layers, over_time=self.frames is not None)
        self.facts().check("audio", accepted=self.saw_ravdess == ACCEPTED)

    def take(self, stored: np.ndarray) -> np.ndarray:
        """(L, K*D) -> the values of its layers, which must be fixed: (K*D,), or (l*K*D,) of l."""
        return taken(stored, layer_numbers(self.layer, len(stored)))

    def identity(self) -> dict[str, Any]:
        """What the stored arrays depend on: not where the file lies, nor what is chosen of them."""
        digest = identity_of(self.file, self.sha256)
        return {"sha256": digest} | kept_of(
            self.layer, self.pool, over_time=self.frames is not None
        )

    def _network(self) -> "WhisperNetwork":
        return load_whisper(self.file, checked_digest(self.file, self.sha256))

    def __call__(self, waveform: np.ndarray) -> np.ndarray:
        """See `AudioFeature`; raises `ConfigError` for a file that is not Whisper's encoder."""
        network = self._network()
        mel = whisper_mel(np.pad(waveform, (0, _SILENCE)), n_mels=network.mels)
        mel = mel[:, : 2 * len(network.weights["positions"])]
        own = -(-len(waveform) // _STEP)  # steps of the clip, not of the silence
        layers = [x[:own] for x in blocks(mel, network.weights, heads=network.heads)]
        if self.frames is None:
            return pooled(layers, self.pool)
        return over_time(layers[layer_number(self.layer, len(layers))])


@dataclass(frozen=True)
class WhisperNetwork:
    """Weights in float32 by name, and what the file says of itself."""

    weights: Weights
    heads: int
    facts: dict[str, Any]  # name, licence, trained_on

    @property
    def mels(self) -> int:
        """Mel bands of its input."""
        return self.weights["conv1.weight"].shape[1]

    @property
    def layers(self) -> int:
        """Number of blocks, L."""
        return depth(self.weights)


@functools.lru_cache(maxsize=2)
def load_whisper(path: str, digest: str) -> WhisperNetwork:
    """Read once a process; digest: of the content, so that another file is not taken for it."""
    del digest
    try:
        with np.load(path, allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
        facts = json.loads(str(arrays.pop("facts")))
        weights = {name: array.astype(np.float32) for name, array in arrays.items()}
        network = WhisperNetwork(weights, int(facts["heads"]), facts)
        _try_out(network)
    except (OSError, ValueError, KeyError, TypeError, IndexError, zipfile.BadZipFile) as error:
        raise ConfigError(
            f"audio.file={path}: damaged, or not the encoder of a Whisper ({error}); fetch it again"
        ) from error
    return network


def _try_out(network: WhisperNetwork) -> None:
    """One step through all blocks: every array has to be there and fit."""
    with np.errstate(all="ignore"):
        shapes = {
            x.shape
            for x in blocks(np.zeros((network.mels, 2)), network.weights, heads=network.heads)
        }
    if shapes != {(1, network.weights["positions"].shape[1])}:
        raise ValueError(f"blocks of the shapes {shapes}")
