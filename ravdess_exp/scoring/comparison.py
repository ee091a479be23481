"""Is one result better than another? Paired over the actors that both were scored on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import permutation_test

from ravdess_exp.errors import ComparisonError
from ravdess_exp.folder import BRANCH_PREDICTIONS, METRICS, PREDICTIONS, SPLIT
from ravdess_exp.scoring.metrics import CONFIDENCE, interval, uar
from ravdess_exp.scoring.pooled import Pooled
from ravdess_exp.scoring.run_result import SAW_RAVDESS_METRIC

LEVEL = 0.05
_NO_BRANCH = "only runs with fusion=late and modality=both have branches to compare"
_EXACT = 2**18  # sign flips; more actors than 18 are drawn from instead
_FEW = 6  # with fewer pairs no two-sided sign-flip test reaches 0.05


@dataclass(frozen=True)
class Result:
    """The predictions of a run or of a study, under the name it is shown by.

    clips: in the order of `pooled`; leaky: whether speakers were in training and in test;
    saw_ravdess: whether a frozen encoder was trained on RAVDESS.
    """

    name: str
    pooled: Pooled
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
        table = pd.read_csv(path)
        if "seed" not in table:
            table["seed"] = 0
        twice = table.duplicated(["clip", "seed"])
        if twice.any():
            clip = table["clip"][twice].iloc[0]
            raise ComparisonError(f"{path}: {clip} is predicted more than once")
        pooled = Pooled.of(table)
        clips = table.sort_values(["actor", "clip"])["clip"].unique()
        if len(clips) != len(pooled.actors):
            raise ComparisonError(
                f"{path}: its seeds predict different clips; let the study finish first"
            )
        return cls(name, pooled, tuple(clips))


@dataclass(frozen=True)
class Difference:
    """Second less first. by_actor: differences of UAR, one an actor."""

    first: Result
    second: Result
    uar: tuple[float, float]
    difference: float
    interval: tuple[float, float]
    p: float
    by_actor: dict[int, float]
    adjusted: float | None = None  # p after Holm's correction

    def sentence(self, comparisons: int) -> str:
        """What may be said, in plain words."""
        one, two = self.first.name, self.second.name
        low, high = self.interval
        p = self.p if self.adjusted is None else self.adjusted
        corrected = (
            f" after Holm's correction for {comparisons} comparisons" if comparisons > 1 else ""
        )
        if p >= LEVEL:
            verdict = f"No difference between {one} and {two} is shown"
        else:
            better, worse = (two, one) if self.difference > 0 else (one, two)
            verdict = f"{better} is better than {worse}"
        text = (
            f"{verdict}: UAR {self.uar[0]:.3f} of {one}, {self.uar[1]:.3f} of {two}, difference "
            f"{self.difference:+.3f}, {CONFIDENCE}% interval {low:+.3f} to {high:+.3f} over "
            f"{len(self.by_actor)} actors; sign-flip permutation test p {_p(p)}{corrected}."
        )
        if len(self.by_actor) < _FEW:
            least = 2 / 2 ** len(self.by_actor)
            text += (
                f" With {len(self.by_actor)} actors this test cannot give less than p = {least:.3g}, "
                "so nothing could have been shown: score more actors (experiment=loso)."
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
            "uar": self.uar,
            "difference": self.difference,
            f"ci{CONFIDENCE}": self.interval,
            "p": self.p,
            "p_holm": self.adjusted,
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
    adjusted = holm([difference.p for difference in differences])
    return [
        replace(difference, adjusted=p) for difference, p in zip(differences, adjusted, strict=True)
    ]


def require_same_clips(first: Result, second: Result) -> None:
    """Raise `ComparisonError` saying what differs."""
    names = f"{first.name} and {second.name}"
    if first.pooled.names != second.pooled.names:
        raise ComparisonError(
            f"{names} tell different classes apart: {', '.join(first.pooled.names)} against "
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
    splits = sorted([*folder.glob(SPLIT), *folder.glob(f"*/{SPLIT}")])
    if not splits:
        return False
    table = pd.read_csv(splits[0])
    actors = {name: set(of["actor"]) for name, of in table.groupby("set")}
    return bool(actors.get("train", set()) & actors.get("test", set()))


def _saw_ravdess(folder: Path) -> bool:
    """Whether a frozen encoder of a run, or of the first one of a study, was trained on RAVDESS."""
    metrics = sorted([*folder.glob(METRICS), *folder.glob(f"*/{METRICS}")])
    return any(SAW_RAVDESS_METRIC in json.loads(path.read_text()) for path in metrics)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction (1979): the k-th smallest of m times m - k + 1, never falling."""
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(np.argsort(p_values)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted


def _difference(first: Result, second: Result) -> Difference:
    one, two = first.pooled, second.pooled
    labels = one.labels[:, 0]
    both, seeds = np.hstack([one.predicted, two.predicted]), len(one.seeds)

    def gain(labels: np.ndarray, predicted: np.ndarray) -> float:
        of = [uar(labels, column) for column in predicted.T]
        return float(np.mean(of[seeds:]) - np.mean(of[:seeds]))

    of = [pooled.by_actor(uar) for pooled in (one, two)]
    by_actor = {actor: of[1][actor] - of[0][actor] for actor in of[0]}
    return Difference(
        first,
        second,
        (one.mean(uar), two.mean(uar)),
        gain(labels, both),
        interval(gain, labels, both, one.actors),
        sign_flip(list(by_actor.values())),
        by_actor,
    )


def sign_flip(differences: Sequence[float]) -> float:
    """Two-sided p of the mean of paired differences, if each might as well have the other sign.

    Exact for up to 18 pairs.
    """
    if len(differences) < 2 or not np.any(differences):
        return 1.0
    test = permutation_test(
        (np.asarray(differences),),
        np.mean,
        permutation_type="samples",
        n_resamples=_EXACT,
        rng=np.random.default_rng(0),
    )
    return float(test.pvalue)


def _p(p: float) -> str:
    return f"= {p:.3f}" if p >= 0.001 else "< 0.001"


def _such_as(clips: Sequence[str]) -> str:
    return f" (such as {clips[0]})" if clips else ""
