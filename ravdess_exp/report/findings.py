"""What a run or a study found, in the one form that the model card and the report are made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ravdess_exp.report.cautions import Cautioned
from ravdess_exp.report.description import worst_pairs
from ravdess_exp.report.score_text import probability_lines, study_probability_lines
from ravdess_exp.scoring.baseline import Baseline
from ravdess_exp.scoring.calibration import Calibration
from ravdess_exp.scoring.groups import Groups
from ravdess_exp.scoring.intervals import scope
from ravdess_exp.scoring.metrics import ActorScores
from ravdess_exp.scoring.other import Others
from ravdess_exp.scoring.run_result import RunResult
from ravdess_exp.scoring.study_result import StudyResult
from ravdess_exp.scoring.study_scores import Score


@dataclass(frozen=True, kw_only=True)
class Findings(Cautioned):
    """Scores on test clips, and what they cost.

    runs, seeds: how many models were scored; speakers: scores by number of the actor; accuracy,
    macro_f1: with ends where a study has computed them; confusion: (classes, classes) counts, rows
    are true classes, all seeds together; branches: UAR by `audio` and `video`, with ends likewise;
    sureness: lines on calibration and on what is sure; seconds: of all runs together, by stage where
    it is known; settings: by dotted key, of the run or of a study's runs; others: further corpora.
    """

    classes: tuple[str, ...]
    runs: int
    seeds: int
    speakers: Mapping[int, ActorScores]
    uar: Score
    accuracy: Score
    macro_f1: Score
    validation_uar: float
    validation_last: float | None
    recall: Mapping[str, float]
    confusion: tuple[tuple[int, ...], ...]
    calibration: Calibration | None
    sureness: tuple[str, ...]
    groups: Groups
    baseline: Baseline | None
    branches: Mapping[str, Score]
    parameters: int
    seconds: Mapping[str, float]
    others: Others = field(default_factory=Others)

    @classmethod
    def of_run(cls, result: RunResult, settings: Mapping[str, object]) -> "Findings":
        """Of a run whose classes and confusion are known."""
        return cls(
            classes=result.classes,
            runs=1,
            seeds=1,
            speakers=result.actors,
            uar=Score(result.test.uar, *result.interval),
            accuracy=_alone(result.test.accuracy),
            macro_f1=_alone(result.test.macro_f1),
            validation_uar=result.validation.uar,
            validation_last=result.validation_last,
            recall=result.test.recall,
            confusion=result.confusion,
            calibration=result.calibration,
            sureness=_stripped(probability_lines(result)),
            groups=result.groups,
            baseline=result.baseline,
            branches={what: _alone(of.uar) for what, of in result.branches.items()},
            parameters=result.parameters,
            seconds=result.seconds,
            leaky=result.leaky,
            shuffled=bool(settings.get("data.shuffle_labels")),
            saw_ravdess=result.saw_ravdess,
            settings=settings,
            others=result.others,
        )

    @classmethod
    def of_study(cls, result: StudyResult, settings: Mapping[str, object]) -> "Findings":
        """Of a study of which a run is finished."""
        scores = result.scores
        return cls(
            classes=scores.classes,
            runs=len(result.members),
            seeds=len(scores.seeds),
            speakers={
                actor: ActorScores(of.clips, of.accuracy, of.uar)
                for actor, of in scores.actors.items()
            },
            uar=scores.uar,
            accuracy=scores.accuracy,
            macro_f1=scores.macro_f1,
            validation_uar=result.val_uar,
            validation_last=result.val_uar_last,
            recall=scores.recall,
            confusion=scores.confusion,
            calibration=scores.calibration,
            sureness=_stripped(study_probability_lines(result)),
            groups=scores.groups,
            baseline=result.baseline,
            branches={w: Score(of.uar, of.low, of.high) for w, of in result.branches.items()},
            parameters=result.members[0].parameters,
            seconds={
                "train": sum(member.train_seconds for member in result.members),
                "total": result.seconds,
            },
            leaky=result.leaky,
            shuffled=result.labels_shuffled,
            saw_ravdess=result.saw_ravdess,
            settings=settings,
            others=result.others,
        )

    @property
    def title(self) -> str:
        """Of the score that results are told by."""
        return "UAR"

    @property
    def overall(self) -> Score:
        """That score."""
        return self.uar

    @property
    def validation(self) -> float:
        """The same on validation."""
        return self.validation_uar

    @property
    def seeds_done(self) -> int:
        """With how many seeds each clip was scored."""
        return self.seeds

    @property
    def baseline_sentence(self) -> str | None:
        """What a linear model gets; None where none was fitted."""
        return self.baseline.sentence() if self.baseline else None

    @property
    def clips(self) -> int:
        """Test clips, each counted once."""
        return sum(int(of.clips) for of in self.speakers.values())

    @property
    def chance(self) -> float:
        """UAR of a guess."""
        return 1 / len(self.classes)

    def sentence(self) -> str:
        """The score with its interval, in words."""
        count = len(self.speakers)
        noun = "one speaker" if count == 1 else f"{count} speakers"
        known = "of whom other clips were in training" if self.leaky else "whom it never met"
        low, high = self.uar.low, self.uar.high
        return (
            f"Of {self.clips} clips of {noun} {known}, the mean recall over the "
            f"{len(self.classes)} classes (UAR) is {self.uar.value:.3f}, with a 95% interval from "
            f"{low:.3f} to {high:.3f} {scope(count)}. A guess gets {self.chance:.3f}."
        )

    def against_chance(self) -> str:
        """What the interval says of guessing."""
        if self.uar.low > self.chance:
            return "The whole interval lies above chance."
        return "The interval reaches down to chance: that anything was learned is not shown."

    def worst_pairs(self, most: int) -> list[tuple[str, str, int, int]]:
        """True class, class it was taken for, how often, of how many."""
        counts = np.array(self.confusion)
        return [
            (self.classes[t], self.classes[p], int(counts[t, p]), int(counts[t].sum()))
            for t, p in worst_pairs(counts, most)
        ]


def _alone(value: float) -> Score:
    """Without an interval: a run computes that of UAR alone."""
    return Score(value, float("nan"), float("nan"))


def _stripped(lines: list[str]) -> tuple[str, ...]:
    return tuple(line.strip() for line in lines)
