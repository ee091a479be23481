"""What a run or a study that tells numbers found: text, card and report are made from it."""

from collections.abc import Mapping
from dataclasses import dataclass

from ravdess_exp.report.cautions import Cautioned
from ravdess_exp.scoring.intervals import scope
from ravdess_exp.scoring.numbers.measures import NumberScores
from ravdess_exp.scoring.numbers.parts import Branch, Groups, Speakers
from ravdess_exp.scoring.numbers.run_result import NumbersResult
from ravdess_exp.scoring.numbers.study_result import NumbersStudy
from ravdess_exp.scoring.study_scores import Score


@dataclass(frozen=True, kw_only=True)
class Findings(Cautioned):
    """Scores on test clips, and what they cost.

    runs: how many models were scored; validation: mean CCC there; validation_last: over the last epochs, None
    where none was chosen; seeds: mean CCC with each seed, of several.
    """

    runs: int
    clips: int
    scores: NumberScores
    validation: float
    validation_last: float | None
    speakers: Speakers
    groups: Groups
    branches: Mapping[str, Branch]
    baseline: Score | None
    parameters: int
    seconds: Mapping[str, float]
    seeds: Mapping[int, float]

    @classmethod
    def of_run(
        cls, result: NumbersResult, settings: Mapping[str, object] | None = None
    ) -> "Findings":
        """Of a run."""
        return cls(
            runs=1,
            clips=sum(of.clips for of in result.speakers.values()),
            scores=result.test,
            validation=result.validation.ccc.value,
            validation_last=result.validation_last,
            speakers=result.speakers,
            groups=result.groups,
            branches=result.branches,
            baseline=result.baseline,
            parameters=result.parameters,
            seconds=result.seconds,
            seeds={},
            leaky=result.leaky,
            shuffled=result.labels_shuffled or bool((settings or {}).get("data.shuffle_labels")),
            saw_ravdess=result.saw_ravdess,
            settings=settings or {},
        )

    @classmethod
    def of_study(
        cls, result: NumbersStudy, settings: Mapping[str, object] | None = None
    ) -> "Findings":
        """Of a study of which a run is finished."""
        scores = result.scores
        return cls(
            runs=len(result.members),
            clips=scores.clips,
            scores=scores.of,
            validation=result.score,
            validation_last=result.score_last,
            speakers=scores.speakers,
            groups=scores.groups,
            branches=result.branches,
            baseline=result.baseline,
            parameters=result.members[0].parameters,
            seconds={
                "train": sum(member.train_seconds for member in result.members),
                "total": result.seconds,
            },
            seeds=scores.seeds if len(scores.seeds) > 1 else {},
            leaky=result.leaky,
            shuffled=result.labels_shuffled,
            saw_ravdess=result.saw_ravdess,
            settings=settings or {},
        )

    @property
    def title(self) -> str:
        """Of the score that results are told by."""
        return "CCC"

    @property
    def overall(self) -> Score:
        """That score, mean over the numbers."""
        return self.scores.ccc

    @property
    def chance(self) -> float:
        """What a constant gets."""
        return 0.0

    @property
    def seeds_done(self) -> int:
        """With how many seeds each clip was told."""
        return max(1, len(self.seeds))

    @property
    def baseline_sentence(self) -> str | None:
        """What a linear model gets; None where none was fitted."""
        if self.baseline is None:
            return None
        of = self.baseline
        return (
            f"a linear model on the same inputs: CCC {of.value:.3f}   95% interval {of.low:.3f} to "
            f"{of.high:.3f}"
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Of the numbers."""
        return tuple(self.scores.targets)

    def sentence(self) -> str:
        """The score with its interval, in words."""
        count, of = len(self.speakers), self.scores.ccc
        noun = "one speaker" if count == 1 else f"{count} speakers"
        known = "of whom other clips were in training" if self.leaky else "whom it never met"
        mean = "the mean of" if len(self.names) > 1 else "that of"
        return (
            f"Of {self.clips} clips of {noun} {known}, the concordance (CCC, 1 is perfect and 0 what a "
            f"constant gets), {mean} {', '.join(self.names)}, is {of.value:.3f}, with a 95% interval from "
            f"{of.low:.3f} to {of.high:.3f} {scope(count)}."
        )

    def against_chance(self) -> str:
        """What the interval says of a constant."""
        if self.scores.ccc.low > 0:
            return "The whole interval lies above 0, what a constant gets."
        return "The interval reaches down to 0, what a constant gets: that anything was learned is not shown."
