"""What a linear model on a run's own inputs gets, so that nobody is fooled by depth."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Self

from ravdess_exp.scoring.pooled import MEASURES, Pooled
from ravdess_exp.scoring.study_scores import Score

if TYPE_CHECKING:  # TensorFlow comes with it, which who compares results need not wait for
    from ravdess_exp.scoring.predictions import Predictions

_PREFIX = "baseline/"


@dataclass(frozen=True)
class Baseline:
    """Scores of logistic regression on the same test clips; uar_low, uar_high: of the 95% interval."""

    uar: float
    accuracy: float
    uar_low: float
    uar_high: float

    @classmethod
    def of(cls, predictions: "Predictions") -> Self:
        """Of what it says of the test clips of a run."""
        scores = predictions.scores()
        return cls(scores.uar, scores.accuracy, *predictions.uar_interval())

    @classmethod
    def of_study(cls, pooled: Pooled) -> Self:
        """Of what the baselines of all runs of a study say of the clips that each of them tested."""
        score = Score.of("uar", pooled)
        return cls(score.value, pooled.mean(MEASURES["accuracy"]), score.low, score.high)

    def metrics(self) -> dict[str, float]:
        """Under the names of metrics.json and MLflow."""
        return {f"{_PREFIX}{name}": value for name, value in asdict(self).items()}

    @classmethod
    def from_metrics(cls, metrics: Mapping[str, float]) -> Self | None:
        """What `metrics` wrote, None where nothing was."""
        found = {k.removeprefix(_PREFIX): v for k, v in metrics.items() if k.startswith(_PREFIX)}
        return cls(**found) if found else None

    def sentence(self) -> str:
        """For people."""
        return (
            f"a linear model on the same inputs: UAR {self.uar:.3f}   "
            f"95% interval {self.uar_low:.3f} to {self.uar_high:.3f}"
        )
