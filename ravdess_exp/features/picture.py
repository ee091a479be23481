"""Picture features: face crops in, numbers a frame out. Pure: no file, no TensorFlow, no randomness.

Each is a small frozen class, so that its settings are its identity in the prepared store. Each
says what changed since the reference crop, so that whose face it is counts little.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

import cv2
import numpy as np

from ravdess_exp.features.flow import gray, optical_flow, strain
from ravdess_exp.features.hog import hog, hog_width

_BY = ("opencv-python-headless",)
_DIRECTIONS, _STRAINS = 2, 3  # values at one point: right and down; across, down and sheared


@runtime_checkable
class PictureFeature(Protocol):
    """What the rest of the program asks of a picture feature."""

    standardise: str  # feature or block: see `PictureInput`
    needs_reference: bool  # whether there is nothing to compute without one
    computed_by: tuple[str, ...]  # packages whose version is part of its name in the store

    def __call__(self, crops: np.ndarray, reference: np.ndarray | None) -> np.ndarray:
        """crops: (F, S, S, C) uint8; reference: (S, S, C), the crop that they are held against.

        None: there is none. Returns (F, D) float32, each row of its own crop and the reference alone.
        """
        ...

    def blocks(self, side: int) -> tuple[int, ...]:
        """How many of the D values belong to each of its parts, for crops of this side in pixels."""
        ...


@dataclass(frozen=True, kw_only=True)
class Hog:
    """Histograms of oriented gradients less those of the reference, for each cell size in pixels.

    mirror: the mean of those of the picture and of its mirror image, so that an expression on the
    left is one on the right.
    """

    cells: tuple[int, ...]
    mirror: bool
    standardise: str
    needs_reference: ClassVar[bool] = False
    computed_by: ClassVar[tuple[str, ...]] = _BY

    def __call__(self, crops: np.ndarray, reference: np.ndarray | None) -> np.ndarray:
        """See `PictureFeature`."""
        plain = gray(crops if reference is None else np.concatenate([reference[None], crops]))
        parts = []
        for cell in self.cells:
            values = hog(plain, cell)
            if self.mirror:
                values = (values + hog(plain[:, :, ::-1], cell)) / 2
            parts.append(values if reference is None else values[1:] - values[:1])
        return np.concatenate(parts, axis=1).astype(np.float32)

    def blocks(self, side: int) -> tuple[int, ...]:
        """See `PictureFeature`: one a cell size."""
        return tuple(hog_width(side, cell) for cell in self.cells)


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Optical flow from the reference, the mean about each point of a grid, in shares of the side.

    grid: points, both ways. strain: the flow's derivatives too, which no motion of the whole head
    has. mirror: the mean of the picture's and of its mirror image's.
    """

    grid: int
    strain: bool
    mirror: bool
    standardise: str
    needs_reference: ClassVar[bool] = True
    computed_by: ClassVar[tuple[str, ...]] = _BY

    def __call__(self, crops: np.ndarray, reference: np.ndarray | None) -> np.ndarray:
        """See `PictureFeature`; (F, D): a grid of each value after the other, row by row."""
        plain = gray(np.concatenate([reference[None], crops]))
        values = self._on_grid(plain)
        if self.mirror:
            values = (values + self._on_grid(np.ascontiguousarray(plain[:, :, ::-1]))) / 2
        return values

    def blocks(self, side: int) -> tuple[int, ...]:
        """See `PictureFeature`: the flow, and its strain."""
        points = self.grid**2
        return (points * _DIRECTIONS, points * _STRAINS)[: 1 + self.strain]

    def _on_grid(self, plain: np.ndarray) -> np.ndarray:
        """(1 + F, S, S), the reference first -> (F, D)."""
        flow = optical_flow(plain[0], plain[1:])
        maps = flow / plain.shape[1]  # -> shares of the side
        if self.strain:
            maps = np.concatenate([maps, strain(flow)], axis=-1)
        size = (self.grid, self.grid)
        planes = np.moveaxis(maps, -1, 1)  # (F, 2 or 5, S, S)
        small = [
            [cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in frame]
            for frame in planes
        ]
        return np.array(small, np.float32).reshape(len(planes), -1)


@dataclass(frozen=True, kw_only=True)
class FaceMotion:
    """Histograms of oriented gradients and optical flow with strain, side by side: see both."""

    cells: tuple[int, ...]
    grid: int
    mirror: bool
    standardise: str
    needs_reference: ClassVar[bool] = True
    computed_by: ClassVar[tuple[str, ...]] = _BY

    def __call__(self, crops: np.ndarray, reference: np.ndarray | None) -> np.ndarray:
        """See `PictureFeature`."""
        return np.concatenate([part(crops, reference) for part in self.parts()], axis=1)

    def blocks(self, side: int) -> tuple[int, ...]:
        """See `PictureFeature`."""
        return tuple(width for part in self.parts() for width in part.blocks(side))

    def parts(self) -> tuple[Hog, Flow]:
        """The features whose values stand side by side, in their order."""
        common = {"mirror": self.mirror, "standardise": self.standardise}
        return Hog(cells=self.cells, **common), Flow(grid=self.grid, strain=True, **common)


@dataclass(frozen=True, kw_only=True)
class SeveralPictures:
    """Picture features side by side, (F, D1 + D2 + ...), by the names they were given."""

    features: Mapping[str, PictureFeature]
    standardise: str

    @property
    def needs_reference(self) -> bool:
        """Whether one of them does."""
        return any(feature.needs_reference for feature in self.features.values())

    @property
    def computed_by(self) -> tuple[str, ...]:
        """The packages of all features."""
        packages = [p for feature in self.features.values() for p in feature.computed_by]
        return tuple(dict.fromkeys(packages))

    def __call__(self, crops: np.ndarray, reference: np.ndarray | None) -> np.ndarray:
        """See `PictureFeature`."""
        values = [feature(crops, reference) for feature in self.features.values()]
        return np.concatenate(values, axis=1).astype(np.float32)

    def blocks(self, side: int) -> tuple[int, ...]:
        """See `PictureFeature`: those of all features."""
        return tuple(width for of in self.features.values() for width in of.blocks(side))
