"""A bundle's networks written for another runtime, and each tried against the model before it counts."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from ravdess_exp.errors import ExportError
from ravdess_exp.export.formats import Format
from ravdess_exp.export.layer import other_precision, refused_layer
from ravdess_exp.export.proof import AGREEMENT, largest_difference
from ravdess_exp.export.recipe import exported_recipe
from ravdess_exp.files import whole_folder
from ravdess_exp.predict.bundle import Bundle
from ravdess_exp.predict.carried import write_files
from ravdess_exp.predict.files import CARD

RECIPE = "recipe.json"


def export(
    bundle: Bundle,
    format_: Format,
    folder: Path,
    *,
    card: str | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> float:
    """Write a network a member and `recipe.json`; returns the largest difference of a probability.

    A study's members were fitted to other clips each, so their inputs differ, and each is a file of
    its own. What was in the folder is replaced, whole or not at all. card: of the bundle, to
    stand beside them; tell: is given a line a network.
    Raises `ExportError` for a layer that the format lacks, and where a network says something else
    than its model.
    """
    differences = []
    with whole_folder(folder) as unfinished:
        networks: dict[str, dict[str, Any]] = {}
        for number, member in enumerate(bundle.members):
            one = len(bundle.members) == 1
            name = f"model{format_.suffix}" if one else f"model_{number:02d}{format_.suffix}"
            difference = _write(member.model, format_, unfinished / name)
            differences.append(difference)
            tell(f"{name}: differs by {difference:.1e} at most")
            digest = hashlib.sha256((unfinished / name).read_bytes()).hexdigest()
            networks[name] = {"sha256": digest, "largest_difference": difference}
        recipe = write_files(bundle.recipe, bundle.modality, unfinished).as_dict()
        content = exported_recipe(bundle, recipe, networks, format_)
        (unfinished / RECIPE).write_text(json.dumps(content, indent=1, allow_nan=False))
        if card is not None:
            (unfinished / CARD).write_text(card, encoding="utf-8")
    return max(differences)


def _write(model: keras.Model, format_: Format, path: Path) -> float:
    """The largest difference between both; raises `ExportError`."""
    if layer := other_precision(model):
        raise ExportError(
            f"layer {layer.name} ({type(layer).__name__}) computes in {layer.compute_dtype}, and an "
            "export needs float32; train with training.precision=float32"
        )
    try:
        format_.write(model, path)
        network = format_.open(path)
    except Exception as error:  # converters raise what their parts raise
        raise ExportError(_why_not(model, format_, error)) from error
    difference = largest_difference(model, network)
    if not difference <= AGREEMENT:
        raise ExportError(
            f"the {format_.name} network says something else than the model: probabilities differ by "
            f"up to {difference:.2g}, expected at most {AGREEMENT:g}; nothing was written"
        )
    return difference


def _why_not(model: keras.Model, format_: Format, error: Exception) -> str:
    layer = refused_layer(model, format_)
    reason = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
    if layer is None:
        return (
            f"the model cannot be written as {format_.name}, though each layer can: {reason[:300]}"
        )
    return (
        f"layer {layer.name} ({type(layer).__name__}) cannot be written as {format_.name}: "
        f"{reason[:300]}"
    )
