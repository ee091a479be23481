"""UAR of the clips of each group, such as the clips of women, with an interval."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ravdess_exp.scoring.intervals import ENOUGH_SPEAKERS, interval
from ravdess_exp.scoring.metrics import uar
from ravdess_exp.scoring.pooled import over_seeds

_MOST_GROUPS = 30  # of a division: a thousand sentences are not groups that anyone compares


@dataclass(frozen=True)
class GroupScore:
    """UAR of one group's clips, over the classes that have a clip in it; mean over seeds.

    low, high: its 95% interval, over speakers; of fewer than `ENOUGH_SPEAKERS` over their
    clips. missing: the classes without a clip in the group.
    """

    clips: int
    speakers: int
    uar: float
    low: float
    high: float
    missing: tuple[str, ...] = ()

    @property
    def over_speakers(self) -> bool:
        """Whether the interval speaks of other speakers; else of other clips of these."""
        return self.speakers >= ENOUGH_SPEAKERS

    def metrics(self, prefix: str) -> dict[str, float]:
        """By name, such as `test/sex/female/uar`; a missing class is `.../without/NAME`."""
        return {
            f"{prefix}/clips": self.clips,
            f"{prefix}/speakers": self.speakers,
            f"{prefix}/uar": self.uar,
            f"{prefix}/uar_low": self.low,
            f"{prefix}/uar_high": self.high,
            **{f"{prefix}/without/{name}": 1 for name in self.missing},
        }

    @classmethod
    def from_metrics(cls, metrics: Mapping[str, float], prefix: str) -> "GroupScore":
        """What `metrics` gave; raises KeyError."""
        start = f"{prefix}/without/"
        return cls(
            clips=int(metrics[f"{prefix}/clips"]),
            speakers=int(metrics[f"{prefix}/speakers"]),
            uar=metrics[f"{prefix}/uar"],
            low=metrics[f"{prefix}/uar_low"],
            high=metrics[f"{prefix}/uar_high"],
            missing=tuple(key.removeprefix(start) for key in metrics if key.startswith(start)),
        )


Groups = Mapping[str, Mapping[str, GroupScore]]  # by division, such as `sex`, and group


def score_groups(
    labels: np.ndarray,
    predicted: np.ndarray,
    speakers: np.ndarray,
    groups: Sequence[Mapping[str, str]],
    names: Sequence[str],
) -> Groups:
    """Score every group of every division that has clips in two groups at least, and not in very many.

    labels, predicted: (n,) or (n, seeds) int, indices into `names`; speakers: (n,); groups: of each
    clip, by division.
    """
    labels, predicted = labels.reshape(len(labels), -1), predicted.reshape(len(labels), -1)
    return {
        division: {
            value: _score(labels[rows], predicted[rows], speakers[rows], names)
            for value, rows in of_division.items()
        }
        for division, of_division in rows_of_groups(groups).items()
    }


def rows_of_groups(
    groups: Sequence[Mapping[str, str]],
) -> dict[str, dict[str, np.ndarray]]:
    """(n,) bool by division and group: which of the n clips are in it; see `score_groups`."""
    found: dict[str, dict[str, np.ndarray]] = {}
    for division in dict.fromkeys(name for of in groups for name in of):
        of_clip = np.array([_plain(of.get(division, "")) for of in groups])
        values = [value for value in sorted(set(of_clip)) if value]
        if not 2 <= len(values) <= _MOST_GROUPS:
            continue
        found[_plain(division)] = {value: of_clip == value for value in values}
    return found


def groups_from_metrics(metrics: Mapping[str, float]) -> Groups:
    """The scores that `GroupScore.metrics` wrote under `test/DIVISION/GROUP`."""
    found: dict[str, dict[str, GroupScore]] = {}
    for key in metrics:
        match key.split("/"):
            case ["test", division, value, "speakers"]:
                score = GroupScore.from_metrics(metrics, f"test/{division}/{value}")
                found.setdefault(division, {})[value] = score
    return found


def each_group(groups: Groups) -> Iterator[tuple[str, str, GroupScore]]:
    """Division, group and score of every group, in order."""
    for division, of_division in groups.items():
        for value, score in of_division.items():
            yield division, value, score


def _score(
    labels: np.ndarray, predicted: np.ndarray, speakers: np.ndarray, names: Sequence[str]
) -> GroupScore:
    measure = over_seeds(uar)
    low, high = interval(measure, labels, predicted, speakers)
    present = {names[label] for label in np.unique(labels)}
    return GroupScore(
        clips=len(labels),
        speakers=len(set(speakers)),
        uar=measure(labels, predicted),
        low=low,
        high=high,
        missing=tuple(name for name in names if name not in present),
    )


def _plain(name: str) -> str:
    """A name that a metric of MLflow may hold, without the slash that divides one."""
    return re.sub(r"[^\w .-]", "_", name)
