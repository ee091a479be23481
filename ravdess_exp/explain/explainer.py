"""From a model and a file to an `Explanation`."""

import time
from dataclasses import replace
from typing import Any

from ravdess_exp.errors import ConfigError, ExplanationError
from ravdess_exp.explain.branches import branch_evidence, shares
from ravdess_exp.explain.evidence import Listener
from ravdess_exp.explain.explanation import Explanation
from ravdess_exp.explain.occlusion import Occluder
from ravdess_exp.explain.picture import AUTO, explain_picture
from ravdess_exp.explain.sound import explain_sound
from ravdess_exp.predict.bundle import Bundle
from ravdess_exp.predict.clip import Predictor
from ravdess_exp.predict.inputs import Inputs
from ravdess_exp.predict.prediction import Prediction
from ravdess_exp.predict.reader import File

GRID = 6  # places of a face, both ways
STRETCHES = 16
BANDS = 8


def explain(
    model: Predictor | Bundle,
    file: File,
    *,
    name: str | None = None,
    segment: tuple[float, float] | None = None,
    **how: Any,
) -> Explanation:
    """What the model went by when it was asked about a file, given by its path or as its bytes.

    name, segment: as of `Predictor.predict_file`. how: see `explain_prediction`. Raises
    `ExplanationError` where the model says nothing of the file, with the reason that `predict` gives.
    """
    started = time.perf_counter()
    predictor = model if isinstance(model, Predictor) else Predictor(model)
    prediction, inputs = predictor.examine(file, name=name, segment=segment)
    found = explain_prediction(predictor.bundle, prediction, inputs, **how)
    return replace(found, seconds=time.perf_counter() - started)


def explain_prediction(
    bundle: Bundle,
    prediction: Prediction,
    inputs: Inputs | None,
    *,
    explained: str | None = None,
    picture: str = AUTO,
    grid: int = GRID,
    stretches: int = STRETCHES,
    bands: int = BANDS,
) -> Explanation:
    """What the bundle's models went by in these inputs, of which they made this prediction.

    explained: the class; None: the most probable one. picture: `auto`, or one of
    `explain.picture.METHODS`. grid: places of a face, both ways; stretches, bands: of the sound, that
    are hidden one after the other. Of a study's models it is the mean. Each is asked about at most
    2 + stretches + bands + F * (1 + grid^2) variants of the clip, and as many features of sound are
    taken as there are stretches and bands.

    Raises `ExplanationError` where the prediction failed, with its reason, and `ConfigError` for a
    class, method or number that cannot be.
    """
    started = time.perf_counter()
    if bundle.numbers:
        raise ConfigError(
            f"the model tells {', '.join(bundle.numbers)} as numbers; expected one that names classes, since "
            "what is explained is the probability of a class"
        )
    if prediction.probabilities is None:
        raise ExplanationError(f"{prediction.place}: {prediction.reason}")
    explained = explained or prediction.prediction
    _require_possible(bundle, explained, grid=grid, stretches=stretches, bands=bands)
    number = bundle.classes.index(explained)
    listener = Listener(bundle.members, inputs, number)
    occluder = None
    found: dict[str, Any] = {"methods": {}}
    if inputs.crops is not None:
        occluder = Occluder(inputs, bundle.recipe, bundle.members[0].model)
        seen = explain_picture(listener, occluder, method=picture, grid=grid)
        found |= {"frame_importance": seen.frame_importance, "heat": seen.heat}
        found["crops"] = inputs.crops[occluder.first :]
        found["methods"] |= {"frames": "occlusion", "face": seen.method}
    if inputs.feature is not None:
        found |= vars(explain_sound(listener, bundle.recipe, count=stretches, bands=bands))
        found |= {"waveform": inputs.speech, "rate": bundle.recipe.feature.sample_rate}
        found["methods"] |= {"sound": "occlusion"}
    missing = bundle.facts.missing_inputs
    evidence, found["methods"]["inputs"] = branch_evidence(
        listener, occluder, missing_inputs=missing
    )
    return Explanation(
        prediction=prediction,
        explained=explained,
        probability=prediction.probabilities[number],
        shares=shares(evidence),
        evidence=evidence,
        evaluations=listener.evaluations,
        seconds=time.perf_counter() - started,
        **found,
    )


def _require_possible(bundle: Bundle, explained: str, **numbers: int) -> None:
    for what, number in numbers.items():
        if number < 1:
            raise ConfigError(f"{what}={number}: expected at least 1")
    if explained not in bundle.classes:
        raise ConfigError(f"a class {explained!r}: this model knows {', '.join(bundle.classes)}")


class Model(Predictor):
    """What `ravdess_exp.load` gives: it predicts, and says what it went by."""

    def explain(self, file: File, **how: Any) -> Explanation:
        """What it went by when it was asked about a file: see `explain.explainer.explain`."""
        return explain(self, file, **how)
