"""A prediction with all that it was made from, for whoever shows it."""

from collections.abc import Mapping
from dataclasses import dataclass

from ravdess_exp.predict.inputs import Inputs
from ravdess_exp.predict.prediction import Prediction


@dataclass(frozen=True)
class Look:
    """One file. branches: probabilities by `audio` and `video`, of a late fusion; inputs: None where
    the file could not be read."""

    prediction: Prediction
    branches: Mapping[str, tuple[float, ...]]
    inputs: Inputs | None
