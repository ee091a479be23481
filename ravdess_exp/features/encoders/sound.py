"""Any frozen network in an .onnx file as an audio feature."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ravdess_exp.errors import ConfigError, FeatureError
from ravdess_exp.features.encoders.facts import ACCEPTED, EncoderFacts
from ravdess_exp.features.encoders.file import checked_digest, identity_of
from ravdess_exp.features.encoders.network import Network, graph_of, load_network
from ravdess_exp.features.encoders.sound_input import SoundInput
from ravdess_exp.features.encoders.steps import (
    check_layer,
    kept_of,
    layer_number,
    layer_numbers,
    over_time,
    pooled,
    taken,
)


@dataclass(frozen=True, kw_only=True)
class OnnxAudio:
    """Tensors of a network, frozen: (L, K*D) for L tensors pooled over time, or one (D, T).

    file: one .onnx file with one input; sha256: of it, None for any. input, sample_rate, n_mels,
    normalise: see `SoundInput`. tensors: names of outputs or inner tensors (1, T, D), or (1, D) where
    the network has no time, one a layer in their order; layer, pool, frames and saw_ravdess as for
    `Whisper`. licence, trained_on: None for what the file says.
    """

    file: str
    sha256: str | None
    input: str
    sample_rate: int
    n_mels: int
    normalise: bool
    tensors: list[str]
    layer: str | int | list[int]
    pool: str = "moments"  # as bundles of version 0.2 have it
    licence: str | None
    trained_on: str | None
    saw_ravdess: str
    standardise: str
    frames: str | int | None
    rows: ClassVar[str] = "channel"
    computed_by: ClassVar[tuple[str, ...]] = ("librosa", "onnxruntime")

    def __call__(self, waveform: np.ndarray) -> np.ndarray:
        """See `AudioFeature`; raises `ConfigError` for a file or tensor that does not fit."""
        network = self._network()
        value, share = self._input()(waveform, network.shape)
        layers = [
            self._steps(name, tensor, share)
            for name, tensor in zip(self.tensors, network(value, self.tensors), strict=True)
        ]
        if self.frames is not None:
            return over_time(layers[layer_number(self.layer, len(layers))])
        if len({layer.shape[1] for layer in layers}) > 1:
            widths = ", ".join(str(layer.shape[1]) for layer in layers)
            raise ConfigError(f"audio.tensors: layers of one width are expected, not of {widths}")
        return pooled(layers, self.pool)

    def facts(self) -> EncoderFacts:
        """What the file says of itself, and where the settings say it, those."""
        stated = graph_of(self.file, Path(self.file).read_bytes()).facts
        own = {"licence": self.licence, "trained_on": self.trained_on}
        return EncoderFacts.of(self.file, stated | {n: fact for n, fact in own.items() if fact})

    def check(self) -> None:
        """Raise `ConfigError` where it cannot be used; it is given a second of noise."""
        check_layer(self.layer, len(self.tensors), over_time=self.frames is not None)
        self._network()
        self.facts().check("audio", accepted=self.saw_ravdess == ACCEPTED)
        noise = np.random.default_rng(0).normal(0, 0.1, self.sample_rate).astype(np.float32)
        try:
            self(noise)
        except FeatureError as error:
            raise ConfigError(f"audio.file={self.file}: on a second of noise, {error}") from error

    def take(self, stored: np.ndarray) -> np.ndarray:
        """(L, K*D) -> the values of its layers, which must be fixed: (K*D,), or (l*K*D,) of l."""
        return taken(stored, layer_numbers(self.layer, len(stored)))

    def identity(self) -> dict[str, Any]:
        """What the stored arrays depend on: not where the file lies, nor what is chosen of them."""
        names = ("input", "sample_rate", "n_mels", "normalise", "tensors")
        own = {name: getattr(self, name) for name in names}
        digest = identity_of(self.file, self.sha256)
        return {"sha256": digest, **own} | kept_of(
            self.layer, self.pool, over_time=self.frames is not None
        )

    def _network(self) -> Network:
        return load_network(self.file, checked_digest(self.file, self.sha256), tuple(self.tensors))

    def _input(self) -> SoundInput:
        return SoundInput(self.input, self.sample_rate, self.n_mels, self.normalise)

    def _steps(self, name: str, tensor: np.ndarray, share: float) -> np.ndarray:
        """(1, T, D) -> the clip's own steps (T', D); (1, D) -> (1, D)."""
        if tensor.ndim == 2 and len(tensor) == 1 and self.frames is None:
            return tensor
        if tensor.ndim != 3 or len(tensor) != 1:
            expected = "[1, time, width]" + (" or [1, width]" if self.frames is None else "")
            raise ConfigError(f"audio.tensors: {name} is {list(tensor.shape)}, expected {expected}")
        steps = tensor[0]
        return steps[: max(1, math.ceil(share * len(steps)))]
