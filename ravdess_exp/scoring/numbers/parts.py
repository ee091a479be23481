"""Scores of numbers by speaker, by group and by branch, for a run and for a study."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from ravdess_exp.corpus.speaker import label_of, speaker_from
from ravdess_exp.scoring.groups import rows_of_groups
from ravdess_exp.scoring.intervals import ENOUGH_SPEAKERS
from ravdess_exp.scoring.numbers.measures import ccc, of_seeds, rmse, score
from ravdess_exp.scoring.study_scores import Score


@dataclass(frozen=True)
class SpeakerScores:
    """Scores of one speaker's clips, mean over numbers and seeds."""

    clips: int
    ccc: float
    rmse: float


@dataclass(frozen=True)
class GroupScores:
    """CCC of one group's clips, mean over numbers and seeds, with its interval."""

    clips: int
    speakers: int
    ccc: float
    ccc_low: float
    ccc_high: float

    @property
    def over_speakers(self) -> bool:
        """Whether the interval speaks of other speakers; else of other clips of these."""
        return self.speakers >= ENOUGH_SPEAKERS


@dataclass(frozen=True)
class Branch:
    """CCC of one branch of a late fusion alone: on the test clips, with ends, and on validation."""

    ccc: float
    ccc_low: float
    ccc_high: float
    validation: float

    @classmethod
    def of(cls, test: Score, validation: float) -> "Branch":
        """From its scores."""
        return cls(test.value, test.low, test.high, validation)


Speakers = Mapping[int | str, SpeakerScores]
Groups = Mapping[str, Mapping[str, GroupScores]]  # by division and group


def by_speaker(labels: np.ndarray, predicted: np.ndarray, actors: np.ndarray) -> Speakers:
    """labels, predicted: (n, seeds, T); actors: (n,)."""
    found = {}
    for actor in np.unique(actors).tolist():
        rows = actors == actor
        pair = labels[rows], predicted[rows]
        found[actor] = SpeakerScores(int(rows.sum()), of_seeds(ccc)(*pair), of_seeds(rmse)(*pair))
    return found


def by_group(
    labels: np.ndarray,
    predicted: np.ndarray,
    actors: np.ndarray,
    groups: Sequence[Mapping[str, str]],
) -> Groups:
    """The same clips; groups: of each, by division."""
    found: dict[str, dict[str, GroupScores]] = {}
    for division, of_division in rows_of_groups(groups).items():
        for value, rows in of_division.items():
            of = score("ccc", labels[rows], predicted[rows], actors[rows])
            found.setdefault(division, {})[value] = GroupScores(
                int(rows.sum()), len(set(actors[rows].tolist())), of.value, of.low, of.high
            )
    return found


def each_group(groups: Groups) -> Iterator[tuple[str, str, GroupScores]]:
    """Division, group and score of every group, in order."""
    for division, of_division in groups.items():
        for value, of in of_division.items():
            yield division, value, of


def part_metrics(
    speakers: Speakers, groups: Groups, branches: Mapping[str, Branch]
) -> dict[str, float]:
    """Under `test/actor_03/ccc`, `test/sex/female/ccc`, `test/audio/ccc` and `val/audio/ccc`."""
    found: dict[str, float] = {}
    for actor, of in speakers.items():
        found |= {f"test/actor_{label_of(actor)}/{k}": v for k, v in asdict(of).items()}
    for division, group, of in each_group(groups):
        found |= {f"test/{division}/{group}/{k}": v for k, v in asdict(of).items()}
    for what, of in branches.items():
        found |= {f"test/{what}/{k}": v for k, v in asdict(of).items() if k != "validation"}
        found[f"val/{what}/ccc"] = of.validation
    return found


def parts_from_metrics(
    metrics: Mapping[str, float],
) -> tuple[Speakers, Groups, dict[str, Branch]]:
    """What `part_metrics` gave."""
    speakers: dict[int | str, SpeakerScores] = {}
    groups: dict[str, dict[str, GroupScores]] = {}
    branches: dict[str, Branch] = {}
    for key in metrics:
        match key.split("/"):
            case ["test", name, "rmse"] if (
                name.startswith("actor_") and f"test/{name}/clips" in metrics
            ):
                actor = speaker_from(name.removeprefix("actor_"))
                speakers[actor] = SpeakerScores(**_below(metrics, f"test/{name}/"))
            case ["test", division, value, "speakers"]:
                of = GroupScores(**_below(metrics, f"test/{division}/{value}/"))
                groups.setdefault(division, {})[value] = of
            case ["val", what, "ccc"] if f"test/{what}/pearson" not in metrics:
                branches[what] = Branch(**_below(metrics, f"test/{what}/"), validation=metrics[key])
    return speakers, groups, branches


def _below(metrics: Mapping[str, float], prefix: str) -> dict[str, float]:
    return {k.removeprefix(prefix): v for k, v in metrics.items() if k.startswith(prefix)}
