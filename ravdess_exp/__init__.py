"""Honest, tracked, speaker-independent emotion recognition from voice and face on RAVDESS."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from ravdess_exp.explain.explainer import Model

__version__ = "0.2.0"


def load(where: str | Path, *, uri: str | None = None) -> Model:
    """A trained model, ready to be pointed at files:

        model = ravdess_exp.load("outputs/runs/2026-11-27/02-31-51_default")
        print(model.predict("clip.mp4").prediction)
        print(model.explain("clip.mp4").shares)

    where: the folder of a run, of a study (whose models predict together) or of a bundle, or an
    address in MLflow, `runs:/ID/model` or `models:/NAME/VERSION`, in the store at `uri`. Raises
    `BundleError` where there is no model, or one that cannot be trusted.
    """
    from ravdess_exp.explain.explainer import Model  # TensorFlow comes with it
    from ravdess_exp.predict.bundle import Bundle
    from ravdess_exp.tracking.address import find_bundle

    return Model(Bundle.load(find_bundle(where, uri=uri)))
