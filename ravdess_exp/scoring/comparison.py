"""Is one result better than another? Paired over the actors that both were scored on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from ravdess_exp.errors import ComparisonError
from ravdess_exp.folder import BRANCH_PREDICTIONS, METRICS, PREDICTIONS, SPLIT
from ravdess_exp.scoring.intervals import CONFIDENCE, Estimate, scope
from ravdess_exp.scoring.numbers.predictions import NumberPredictions, number_columns
from ravdess_exp.scoring.paired import holm, holm_factors, sign_flip
from ravdess_exp.scoring.pooled import Pooled, read_predictions
from ravdess_exp.scoring.run_result import LEAKY_METRIC, SAW_RAVDESS_METRIC

__all__ = ["Difference", "Result", "compare", "holm", "require_same_clips", "sign_flip"]

LEVEL = 0.05
_NO_BRANCH = "only runs with fusion=late and modality=both have branches to compare"


@dataclass(frozen=True)
class Result:
    """The predictions of a run or of a study, under the name it is shown by.

    clips: in the order of `pooled`; leaky: whether speakers were in training and in test;
    saw_ravdess: whether a frozen encoder was trained on RAVDESS.
    """

    name: str
    pooled: Pooled | NumberPredictions
    clips: tuple[str, ...]
    leaky: bool = False
    saw_ravdess: bool = False

    @classmethod
    def load(cls, folder: Path, branch: str | None = None) -> "Result":
        """Read a run's or study's folder; raises `ComparisonError` where it has no predictions.

        branch: `audio` or `video`, of a late fusion, in the place of the whole model.
        """
        path = folder / (BRANCH_PREDICTIONS[branch] if branch else PREDICTIONS)
        if not path.exists():
            why = _NO_BRANCH if branch else "is the run finished?"
            raise ComparisonError(f"{folder}: no {path.name} in it; {why}")
        name = folder.resolve().name
        result = cls.read(path, f"{name} {branch}" if branch else name)
        return replace(result, leaky=_is_leaky(folder), saw_ravdess=_saw_ravdess(folder))

    @classmethod
    def read(cls, path: Path, name: str) -> "Result":
        """Read a predictions.csv; one of a single run has no seed column."""
        table = read_predictions(path)
        if "seed" not in table:
            table["seed"] = 0
        twice = table.duplicated(["clip", "seed"])
        if twice.any():
            clip = table["clip"][twice].iloc[0]
            raise ComparisonError(f"{path}: {clip} is predicted more than once")
        pooled = (NumberPredictions if number_columns(table) else Pooled).of(table)
        clips = table.sort_values(["actor", "clip"])["clip"].unique()
        if len(clips) != len(pooled.actors):
            raise ComparisonError(
                f"{path}: its seeds predict different clips; let the study finish first"
            )
        return cls(name, pooled, tuple(clips))


@dataclass(frozen=True)
class Difference:
    """Second less first.

    uar: of both, or what stands in its place of numbers; gain: their difference; by_actor: differences, one
    an actor. factor:
    what p is multiplied by, after Holm, where this is one of several comparisons.
    """

    first: Result
    second: Result
    uar: tuple[float, float]
    gain: Estimate
    by_actor: dict[int | str, float]
    factor: float = 1.0

    @property
    def difference(self) -> float:
        """UAR of the second less that of the first."""
        return self.gain.value

    @property
    def interval(self) -> tuple[float, float]:
        """95% interval of the difference, corrected as p is: both say the same of 0."""
        low, high = self.gain.interval(100 - (100 - CONFIDENCE) / self.factor)
        return max(-1.0, low), min(1.0, high)

    @property
    def p(self) -> float:
        """Of the paired t test, of which `interval` is the interval."""
        return self.gain.p

    @property
    def adjusted(self) -> float:
        """p after Holm's correction."""
        return min(1.0, self.factor * self.p)

    def sentence(self, comparisons: int) -> str:
        """What may be said, in plain words."""
        title = self.first.pooled.title
        one, two, few = self.first.name, self.second.name, not self.gain.over_speakers
        low, high = self.interval
        corrected = (
            f", both after Holm's correction for {comparisons} comparisons"
            if comparisons > 1
            else ""
        )
        if self.adjusted >= LEVEL:
            verdict = f"No difference between {one} and {two} is shown"
        else:
            better, worse = (two, one) if self.difference > 0 else (one, two)
            verdict = f"{better} is better than {worse}"
        text = (
            f"{verdict}{' on these speakers' if few else ''}: {title} {self.uar[0]:.3f} of {one}, "
            f"{self.uar[1]:.3f} of {two}, difference {self.difference:+.3f}, {CONFIDENCE}% interval "
            f"{low:+.3f} to {high:+.3f} {scope(len(self.by_actor))}; paired t test "
            f"p {_p(self.adjusted)}{corrected}."
        )
        if few:
            text += (
                f" Of other speakers {len(self.by_actor)} can show nothing: score more actors "
                "(experiment=loso)."
            )
        leaky = [result.name for result in (self.first, self.second) if result.leaky]
        if leaky:
            text += f" NOT A RESULT: {' and '.join(leaky)} had the same speakers in training and in test."
        seen = [result.name for result in (self.first, self.second) if result.saw_ravdess]
        if seen:
            text += f" NOT A RESULT: an encoder of {' and '.join(seen)} was trained on RAVDESS."
        return text

    def as_dict(self) -> dict:
        """For comparison.json."""
        return {
            "first": self.first.name,
            "second": self.second.name,
            self.first.pooled.title.lower(): self.uar,
            "difference": self.difference,
            f"ci{CONFIDENCE}": self.interval,
            "interval_over": "speakers" if self.gain.over_speakers else "clips",
            "p": self.p,
            "p_holm": self.adjusted,
            "p_sign_flip": sign_flip(list(self.by_actor.values())),
            "actors": self.by_actor,
            "clips": len(self.first.clips),
        }


def compare(results: Sequence[Result]) -> list[Difference]:
    """The first result against each of the others, with Holm's correction if there are several.

    Raises `ComparisonError` where they were not scored on the same clips with the same labels.
    """
    first, *others = results
    for other in others:
        require_same_clips(first, other)
    differences = [_difference(first, other) for other in others]
    factors = holm_factors([difference.p for difference in differences])
    return [replace(of, factor=factor) for of, factor in zip(differences, factors, strict=True)]


def require_same_clips(first: Result, second: Result) -> None:
    """Raise `ComparisonError` saying what differs."""
    names = f"{first.name} and {second.name}"
    if first.pooled.title != second.pooled.title:
        raise ComparisonError(f"{names}: one names classes, the other tells numbers")
    if first.pooled.names != second.pooled.names:
        what = (
            "tell different classes apart"
            if first.pooled.title == "UAR"
            else "tell different numbers"
        )
        raise ComparisonError(
            f"{names} {what}: {', '.join(first.pooled.names)} against "
            f"{', '.join(second.pooled.names)}"
        )
    if first.clips != second.clips:
        only = [
            sorted(set(a) - set(b))
            for a, b in ((first.clips, second.clips), (second.clips, first.clips))
        ]
        raise ComparisonError(
            f"{names} were scored on different clips: {len(only[0])} only in the first one"
            f"{_such_as(only[0])}, {len(only[1])} only in the second one{_such_as(only[1])}"
        )
    labels = [result.pooled.labels[:, :1] for result in (first, second)]
    if any((result.pooled.labels != labels[0]).any() for result in (first, second)):
        raise ComparisonError(f"{names} have different labels for the same clips")


def _is_leaky(folder: Path) -> bool:
    """Whether a run, or the first one of a study, was tested on speakers that it was trained on."""
    if _has_metric(folder, LEAKY_METRIC):
        return True
    splits = sorted([*folder.glob(SPLIT), *folder.glob(f"*/{SPLIT}")])
    if not splits:
        return False
    table = pd.read_csv(splits[0])
    actors = {name: set(of["actor"]) for name, of in table.groupby("set")}
    return bool(actors.get("train", set()) & actors.get("test", set()))


def _saw_ravdess(folder: Path) -> bool:
    """Whether a frozen encoder of a run, or of the first one of a study, was trained on RAVDESS."""
    return _has_metric(folder, SAW_RAVDESS_METRIC)


def _has_metric(folder: Path, name: str) -> bool:
    """Whether a run, or a run of a study, has a metric of this name."""
    metrics = sorted([*folder.glob(METRICS), *folder.glob(f"*/{METRICS}")])
    return any(name in json.loads(path.read_text()) for path in metrics)


def _difference(first: Result, second: Result) -> Difference:
    one, two = first.pooled, second.pooled
    of = [pooled.each_actor() for pooled in (one, two)]
    return Difference(
        first,
        second,
        (one.overall(), two.overall()),
        one.gain(two),
        {actor: of[1][actor] - of[0][actor] for actor in of[0]},
    )


def _p(p: float) -> str:
    return f"= {p:.3f}" if p >= 0.001 else "< 0.001"


def _such_as(clips: Sequence[str]) -> str:
    return f" (such as {clips[0]})" if clips else ""
