"""Which frames and which part of the face decided, for any model: by hiding each and asking again.

Source: Zeiler & Fergus (2014), "Visualizing and understanding convolutional networks", ECCV.
"""

from collections.abc import Iterator
from dataclasses import replace

import keras
import numpy as np

from ravdess_exp.explain.evidence import Listener
from ravdess_exp.explain.hide import filling, places
from ravdess_exp.models.gradients import EdgesAndMotion
from ravdess_exp.models.layers import LessFirstFrame
from ravdess_exp.models.linear import ChangeFromFirst
from ravdess_exp.predict.inputs import Inputs
from ravdess_exp.prepare.entries import picture_of
from ravdess_exp.prepare.recipe import Recipe

_CHANGES = (LessFirstFrame, ChangeFromFirst, EdgesAndMotion)  # layers that look at changes


class Occluder:
    """The clip with frames, or places of frames, hidden.

    `first`: of the crops, the first that is a frame; a reference apart comes before it.
    """

    def __init__(self, inputs: Inputs, recipe: Recipe, model: keras.Model) -> None:
        self.inputs = inputs
        self.recipe = recipe
        self.first = int(recipe.starts_apart)
        self.fill = filling(inputs.crops, relative=_is_relative(recipe, model))

    def without_frame(self) -> Iterator[Inputs]:
        """One variant a frame."""
        yield from self._each_frame(slice(None), slice(None))

    def without_place(self, grid: int) -> Iterator[Inputs]:
        """One variant a place of a grid and frame: place by place, each in one frame after the other."""
        for rows, columns in places(self.inputs.crops.shape[1], grid):
            yield from self._each_frame(rows, columns)

    def without_picture(self) -> Inputs:
        """Every frame hidden."""
        everywhere = self._hidden(slice(self.first, None), slice(None), slice(None))
        if self.recipe.picture is not None:
            everywhere = picture_of(everywhere, self.recipe)
        return replace(self.inputs, faces=everywhere)

    def _each_frame(self, rows: slice, columns: slice) -> Iterator[Inputs]:
        numbers = range(self.first, len(self.inputs.crops))
        if self.recipe.picture is None:
            for number in numbers:
                yield replace(self.inputs, faces=self._hidden(number, rows, columns))
            return
        # a picture feature's rows know of their own crop and the reference alone: one computation
        hidden = picture_of(self._hidden(slice(self.first, None), rows, columns), self.recipe)
        for row in range(len(numbers)):
            faces = self.inputs.faces.copy()
            faces[row] = hidden[row]
            yield replace(self.inputs, faces=faces)

    def _hidden(self, frames: int | slice, rows: slice, columns: slice) -> np.ndarray:
        crops = self.inputs.crops.copy()
        crops[frames, rows, columns] = self.fill[frames, rows, columns]
        return crops


def occlusion_map(listener: Listener, occluder: Occluder, *, grid: int) -> np.ndarray:
    """(F, grid, grid): evidence that is lost with each place of each frame. Costs F * grid^2 evaluations."""
    lost = listener.importance(occluder.without_place(grid))
    return lost.reshape(grid, grid, -1).transpose(2, 0, 1)


def _is_relative(recipe: Recipe, model: keras.Model) -> bool:
    """Whether the model is given, or computes, what changed since the first crop."""
    if recipe.picture is not None:
        return recipe.reference != "none"
    return any(isinstance(layer, _CHANGES) for layer in model.layers)
