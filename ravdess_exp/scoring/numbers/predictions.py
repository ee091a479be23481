"""What a model said of each clip of one set, where that is numbers; and the table of that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from ravdess_exp.scoring.intervals import Estimate
from ravdess_exp.scoring.numbers.measures import NumberScores, ccc, mean_of, of_seeds
from ravdess_exp.scoring.numbers.parts import Groups, Speakers, by_group, by_speaker
from ravdess_exp.scoring.paired import gain_of

_LABEL, _PREDICTION = "label_", "prediction_"  # before the number's name, in predictions.csv
_CLIP = ["actor", "clip"]


@dataclass(frozen=True)
class NumberPredictions:
    """Predictions of the same clips with each seed.

    names: of the T numbers; actors: (n,); labels, predicted: (n, seeds, T) float; groups: of each clip,
    by division, empty where none is known.
    """

    names: tuple[str, ...]
    clips: tuple[str, ...]
    actors: np.ndarray
    labels: np.ndarray
    predicted: np.ndarray
    groups: tuple[Mapping[str, str], ...] = ()
    seeds: tuple[int, ...] = (0,)

    def __len__(self) -> int:
        return len(self.clips)

    title: ClassVar[str] = "CCC"  # of the score that results are compared by

    def overall(self) -> float:
        """That score of all clips, mean over seeds and numbers."""
        return of_seeds(ccc)(self.labels, self.predicted)

    def each_actor(self) -> dict[int | str, float]:
        """That score of each actor's clips."""
        return {actor: of.ccc for actor, of in self.by_actor().items()}

    def gain(self, other: "NumberPredictions") -> Estimate:
        """How much higher that score of another result on the same clips is."""
        pair = self.predicted, other.predicted
        return gain_of(self.labels[:, 0], *pair, self.actors, mean_of(ccc))

    def scores(self) -> NumberScores:
        """CCC, RMSE and Pearson's r of each number, with intervals."""
        return NumberScores.of(self.labels, self.predicted, self.actors, self.names)

    def by_actor(self) -> Speakers:
        """Scores of each speaker's clips."""
        return by_speaker(self.labels, self.predicted, self.actors)

    def by_group(self) -> Groups:
        """CCC of each group's clips, by division, with intervals."""
        return by_group(self.labels, self.predicted, self.actors, self.groups)

    def save(self, path: Path) -> None:
        """Write predictions.csv of one seed: clip, actor, and label and prediction of each number."""
        table = {"clip": self.clips, "actor": self.actors}
        for t, name in enumerate(self.names):
            table[f"{_LABEL}{name}"] = self.labels[:, 0, t]
            table[f"{_PREDICTION}{name}"] = self.predicted[:, 0, t]
        pd.DataFrame(table).to_csv(path, index=False, float_format="%.6f")

    @classmethod
    def of(
        cls, table: pd.DataFrame, groups: Mapping[str, Mapping[str, str]] | None = None
    ) -> "NumberPredictions":
        """From a table of predictions.csv, with a column `seed` where there are several.

        Only the clips that all seeds have predicted are kept. groups: of each clip by its name.
        """
        names = number_columns(table)
        if "seed" not in table:
            table = table.assign(seed=0)
        seeds = tuple(sorted(table["seed"].unique().tolist()))
        of_seeds = [table[table["seed"] == seed].set_index(_CLIP) for seed in seeds]
        common = of_seeds[0].index
        for other in of_seeds[1:]:
            common = common.intersection(other.index)
        common = common.sort_values()
        kept = [of.loc[common] for of in of_seeds]
        clips = tuple(common.get_level_values("clip"))
        return cls(
            names,
            clips,
            common.get_level_values("actor").to_numpy(),
            _stacked(kept, [f"{_LABEL}{name}" for name in names]),
            _stacked(kept, [f"{_PREDICTION}{name}" for name in names]),
            tuple((groups or {}).get(clip, {}) for clip in clips),
            seeds,
        )


def number_columns(table: pd.DataFrame) -> tuple[str, ...]:
    """The numbers of a table of predictions; empty of one of classes."""
    columns = set(table.columns)
    names = [c.removeprefix(_LABEL) for c in table.columns if c.startswith(_LABEL)]
    return tuple(name for name in names if f"{_PREDICTION}{name}" in columns)


def _stacked(of_seeds: Sequence[pd.DataFrame], columns: list[str]) -> np.ndarray:
    """(n, seeds, T) of tables of the same n clips."""
    return np.stack([of[columns].to_numpy(float) for of in of_seeds], axis=1)
