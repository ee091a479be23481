"""What was found about one prediction: typed, for whoever draws it or writes it down."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from ravdess_exp.predict.prediction import Prediction

_RAW = ("crops", "waveform", "rate")  # what it is drawn over, not what was found


@dataclass(frozen=True, kw_only=True, eq=False)
class Explanation:
    """Why a model gives one class, `explained`, the probability that it gives.

    Importance is evidence (`explain.evidence`) that is lost where something is hidden: above 0 it
    spoke for the class, below 0 against it. Of what the model is not given all is None.

    frame_importance: (F,); heat: (F, h, w), from the crop's upper left; crops: (F, S, S, C) uint8.
    times: (T, 2), start and end in seconds of the file; time_importance: (T,); bands: (B, 2) Hz;
    band_importance: (B,); waveform: (samples,) of the speech, at `rate`, beginning at times[0, 0].
    shares: of each input, `audio` and `video`, in the decision: they sum to 1, or are all 0 where
    nothing came in that mattered; evidence: what they are shares of, with its sign.
    methods: by what was found. evaluations: variants of the clip that the models were asked about.
    """

    prediction: Prediction
    explained: str
    probability: float
    frame_importance: np.ndarray | None = None
    heat: np.ndarray | None = None
    crops: np.ndarray | None = None
    times: np.ndarray | None = None
    time_importance: np.ndarray | None = None
    bands: np.ndarray | None = None
    band_importance: np.ndarray | None = None
    waveform: np.ndarray | None = None
    rate: int = 0
    shares: Mapping[str, float]
    evidence: Mapping[str, float]
    methods: Mapping[str, str]
    evaluations: int
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON types, without the crops and the waveform."""
        made = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _RAW}
        plain = {name: _plain(value) for name, value in made.items()}
        return plain | {"prediction": self.prediction.row()}


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    return dict(value) if isinstance(value, Mapping) else value
