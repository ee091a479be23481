"""Which frames and which part of the face decided, by the method that suits the model."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ravdess_exp.errors import ConfigError
from ravdess_exp.explain.evidence import Listener
from ravdess_exp.explain.grad_cam import convolved, grad_cam
from ravdess_exp.explain.occlusion import Occluder, occlusion_map
from ravdess_exp.explain.weights import linear_weights, weights_map
from ravdess_exp.predict.bundle import Member
from ravdess_exp.predict.inputs import tensors

AUTO = "auto"
METHODS = ("weights", "grad_cam", "occlusion")  # the first that suits the model is `auto`


@dataclass(frozen=True)
class Seen:
    """frame_importance: (F,); heat: (F, h, w); and which of `METHODS` the map is by."""

    frame_importance: np.ndarray
    heat: np.ndarray
    method: str


def explain_picture(listener: Listener, occluder: Occluder, *, method: str, grid: int) -> Seen:
    """Frames by hiding them; places by `method`. grid: places, both ways, that `occlusion` hides.

    Raises `ConfigError` where the method is not known or does not suit the model.
    """
    if method not in (AUTO, *METHODS):
        raise ConfigError(f"picture={method}: expected one of {', '.join((AUTO, *METHODS))}")
    makers: dict[str, Callable[[], np.ndarray | None]] = {
        "weights": lambda: _by_weights(listener, occluder),
        "grad_cam": lambda: _by_grad_cam(listener, len(occluder.inputs.crops) - occluder.first),
        "occlusion": lambda: occlusion_map(listener, occluder, grid=grid),
    }
    frames = listener.importance(occluder.without_frame())
    for name in METHODS if method == AUTO else (method,):
        heat = makers[name]()
        if heat is not None:
            return Seen(frames, heat, name)
    raise ConfigError(f"picture={method}: does not suit this model; take {AUTO} or occlusion")


def _by_weights(listener: Listener, occluder: Occluder) -> np.ndarray | None:
    """Mean over members; None where one is not linear in what it sees, or that lies nowhere."""
    feature, side = occluder.recipe.picture, occluder.inputs.crops.shape[1]
    if feature is None:
        return None
    maps = []
    for member in listener.members:
        inputs = tensors(member, listener.inputs)
        weights = linear_weights(member.model, inputs, explained=listener.explained)
        if weights is None:
            return None
        maps.append(weights_map(feature, weights, inputs[_video(member)][0], side=side))
    return None if any(of is None for of in maps) else np.mean(maps, axis=0)


def _by_grad_cam(listener: Listener, frames: int) -> np.ndarray | None:
    """Mean over members; None of a network that does not convolve crops."""
    last = [convolved(member.model) for member in listener.members]
    if any(tensor is None for tensor in last):
        return None
    maps = [
        grad_cam(
            member.model,
            tensors(member, listener.inputs),
            tensor,
            explained=listener.explained,
            frames=frames,
        )
        for member, tensor in zip(listener.members, last, strict=True)
    ]
    return np.mean(maps, axis=0)


def _video(member: Member) -> int:
    return [tensor.name for tensor in member.model.inputs].index("video")
