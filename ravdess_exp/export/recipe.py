"""What stands beside an exported network: how a file becomes its inputs, as JSON for any language."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from ravdess_exp.export.formats import Format
from ravdess_exp.predict.bundle import Bundle, Member
from ravdess_exp.prepare.recipe import Recipe

PADDING = "zeros in front of a shorter clip; of a longer one `cut` says which end is left out"
_REFERENCE = "the crop at the start of the clip first, then those of the frames in their order"
_IN_ORDER = "the crops of the frames in their order"
_STANDARDISED = {
    "sample": "less the mean, by the deviation, of all values of the clip",
    "coefficient": "less the mean, by the deviation, of each row of the clip",
    "train": "(value - mean) * scale, row by row",
}


def exported_recipe(
    bundle: Bundle,
    recipe: Mapping[str, Any],
    networks: Mapping[str, Mapping[str, Any]],
    format_: Format,
) -> dict[str, Any]:
    """All that turns a recording into the inputs, and the outputs into a prediction.

    recipe: of the preparation, in plain types; networks: by file, what is known of each beside its
    inputs, in the order of the bundle's members.
    """
    facts = bundle.facts
    return {
        "name": facts.name,
        "classes": list(bundle.classes),
        "numbers": list(bundle.numbers),
        "prediction": "the mean of the numbers over the networks"
        if bundle.numbers
        else "the class of the largest mean probability over the networks",
        "sure_from_probability": facts.sure.value if facts.sure else None,
        "modality": bundle.modality,
        "without_one_input": "zeros stand for it" if facts.missing_inputs else "not possible",
        "networks": [
            {
                "file": name,
                **of,
                "inputs": _inputs(member, bundle.recipe, format_),
                "output": _output(member, format_),
            }
            for (name, of), member in zip(networks.items(), bundle.members, strict=True)
        ],
        "preparation": dict(recipe),
        "scores": {name: asdict(score) for name, score in facts.scores.items()},
        "speakers": {of: list(names) for of, names in facts.speakers.items()},
        "licences": dict(facts.licences),
        "versions": dict(facts.versions),
        "command": facts.command,
        "created": facts.created,
    }


def _inputs(member: Member, recipe: Recipe, format_: Format) -> dict[str, Any]:
    told = {
        tensor.name: {"shape": _shape(tensor, format_), "type": "float32"}
        for tensor in member.model.inputs
    }
    if "audio" in told:
        told["audio"] |= _sound(member)
    if "video" in told:
        told["video"] |= _picture(member, recipe)
    return told


def _output(member: Member, format_: Format) -> dict[str, Any]:
    """Of a network: a value a class or number, in the order in which the recipe names them."""
    (tensor,) = member.model.outputs
    return {"name": format_.output, "shape": _shape(tensor, format_), "type": "float32"}


def _shape(tensor: Any, format_: Format) -> list[int | str]:
    """Clips at once first: as many as the format takes."""
    return [format_.batch or "any", *tensor.shape[1:]]


def _sound(member: Member) -> dict[str, Any]:
    """Of a feature (N, T), or (N,) where it has no time axis."""
    one = member.audio_input
    told = {"standardise": _STANDARDISED[one.how], **_fitted(one)}
    if one.frames is not None:
        told |= {"frames": one.frames, "padding": PADDING, "cut": one.cut}
    return told | ({} if one.layer is None else {"layer": one.layer})


def _picture(member: Member, recipe: Recipe) -> dict[str, Any]:
    """Of crops (K, S, S, C), or of a picture feature (F, D)."""
    if member.picture_input is None:
        return {
            "standardise": "brightness 0 to 255, divided by 255",
            "order": _REFERENCE if recipe.starts_apart else _IN_ORDER,
            "channels": "gray" if recipe.gray else "red, green, blue",
        }
    return {"standardise": _STANDARDISED["train"], **_fitted(member.picture_input)}


def _fitted(one: Any) -> dict[str, list[float]]:
    """JSON has no infinity, by which what never changes is divided: scale is one by the deviation."""
    if one.mean is None:
        return {}
    scale = 1.0 / np.asarray(one.deviation, np.float64)
    return {"mean": np.ravel(one.mean).tolist(), "scale": np.ravel(scale).tolist()}
