"""Any frozen network in an .onnx file as a picture feature, such as one for facial expressions."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np

from ravdess_exp.errors import ConfigError, FeatureError
from ravdess_exp.features.encoders.facts import ACCEPTED, EncoderFacts
from ravdess_exp.features.encoders.file import checked_digest, identity_of
from ravdess_exp.features.encoders.network import Network, graph_of, load_network

_COLOURS = {1: "gray", 3: "rgb"}  # by number of channels of the network's input


@dataclass(frozen=True, kw_only=True)
class OnnxFace:
    """A tensor of a network for each crop, less that of the reference: (F, D).

    file, sha256, licence, trained_on, saw_ravdess: as for `OnnxAudio`. side: pixels that crops are
    brought to; low, high: what black and white become. tensor: an output or inner tensor (1, D) or
    (1, C, h, w), of which places `mean` keeps C values, and `all` every place. mirror: the mean of
    the picture's and of its mirror image's. standardise: see `PictureInput`.
    """

    file: str
    sha256: str | None
    tensor: str
    side: int
    low: float
    high: float
    places: str
    mirror: bool
    licence: str | None
    trained_on: str | None
    saw_ravdess: str
    standardise: str
    needs_reference: ClassVar[bool] = False
    computed_by: ClassVar[tuple[str, ...]] = ("opencv-python-headless", "onnxruntime")

    def __call__(self, crops: np.ndarray, reference: np.ndarray | None) -> np.ndarray:
        """See `PictureFeature`; raises `ConfigError` for a file or tensor that does not fit."""
        values = self._seen(crops)
        return values if reference is None else values - self._seen(reference[None])

    def blocks(self, side: int) -> tuple[int, ...]:
        """See `PictureFeature`: one."""
        return (self._seen(np.zeros((1, side, side, 3), np.uint8)).shape[1],)

    def facts(self) -> EncoderFacts:
        """What the file says of itself, and where the settings say it, those."""
        stated = graph_of(self.file, Path(self.file).read_bytes()).facts
        own = {"licence": self.licence, "trained_on": self.trained_on}
        return EncoderFacts.of(self.file, stated | {n: fact for n, fact in own.items() if fact})

    def check(self) -> None:
        """Raise `ConfigError` where it cannot be used; it is given a crop of noise."""
        self._network()
        self.facts().check("visual", accepted=self.saw_ravdess == ACCEPTED)
        noise = np.random.default_rng(0).integers(0, 256, (1, self.side, self.side, 3), np.uint8)
        try:
            finite = np.isfinite(self._seen(noise)).all()
        except FeatureError as error:
            raise ConfigError(f"visual.file={self.file}: on a crop of noise, {error}") from error
        if not finite:
            raise ConfigError(
                f"visual.file={self.file}: on a crop of noise it returns values that are not numbers"
            )

    def identity(self) -> dict[str, Any]:
        """What the stored arrays depend on: not where the file lies."""
        names = ("tensor", "side", "low", "high", "places", "mirror")
        digest = identity_of(self.file, self.sha256)
        return {"sha256": digest} | {name: getattr(self, name) for name in names}

    def _network(self) -> Network:
        return load_network(self.file, checked_digest(self.file, self.sha256), (self.tensor,))

    def _seen(self, crops: np.ndarray) -> np.ndarray:
        """(F, S, S, C) uint8 -> (F, D) float32, crop by crop: some networks take no more at once."""
        see = functools.partial(self._one, self._network())
        values = np.stack([see(crop) for crop in crops])
        if self.mirror:
            values = (values + np.stack([see(crop[:, ::-1]) for crop in crops])) / 2
        return values

    def _one(self, network: Network, crop: np.ndarray) -> np.ndarray:
        (tensor,) = network(self._input(network, crop), (self.tensor,))
        if tensor.ndim == 4 and self.places == "mean":
            tensor = tensor.mean(axis=(2, 3))
        if tensor.ndim not in (2, 4) or len(tensor) != 1:
            raise ConfigError(
                f"visual.tensor={self.tensor}: is {list(tensor.shape)}, expected [1, width] or "
                "[1, channels, height, width]"
            )
        return tensor.reshape(-1)

    def _input(self, network: Network, crop: np.ndarray) -> np.ndarray:
        """(S, S, C) uint8 -> (1, side, side, channels), or channels first, as the network has it."""
        shape = network.shape
        last = len(shape) == 4 and shape[3] in _COLOURS
        if not last and not (len(shape) == 4 and shape[1] in _COLOURS):
            raise ConfigError(
                f"visual.file={self.file}: its input is {list(shape)}, expected a picture of one or "
                "three channels, [1, height, width, channels] or [1, channels, height, width]"
            )
        colour = _COLOURS[shape[3] if last else shape[1]]
        image = np.ascontiguousarray(crop if crop.shape[-1] == 3 else crop.repeat(3, axis=-1))
        smaller = self.side < len(image)
        how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
        image = cv2.resize(image, (self.side, self.side), interpolation=how)
        if colour == "gray":
            image = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None]
        scaled = self.low + image.astype(np.float32) / 255 * (self.high - self.low)
        return (scaled if last else scaled.transpose(2, 0, 1))[None].astype(np.float32)
