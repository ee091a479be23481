"""What a report shows of numbers alone: the plots, and the clips that are told most wrongly."""

from dataclasses import dataclass

import numpy as np

from ravdess_exp.report.inline import as_data
from ravdess_exp.report.numbers import figures
from ravdess_exp.report.reading import Finished
from ravdess_exp.scoring.numbers.parts import each_group
from ravdess_exp.scoring.numbers.predictions import NumberPredictions

_SHOWN = 5  # clips


@dataclass(frozen=True)
class NumbersPart:
    """scatter: the address of an <img>; furthest: a sentence a clip; groups: division, group and scores."""

    scatter: str
    furthest: list[str]
    groups: list


def numbers_part(finished: Finished) -> NumbersPart:
    """Of a run or a study that tells numbers."""
    said = NumberPredictions.of(finished.predictions)
    found = finished.findings
    over = figures.title(found.scores, clips=found.clips, leaky=found.leaky, runs=found.runs)
    plot = as_data(figures.scatter_figure(said, found.scores, over))
    return NumbersPart(plot, furthest_clips(said), list(each_group(found.groups)))


def furthest_clips(said: NumberPredictions) -> list[str]:
    """A sentence on each of the clips whose numbers are missed by most deviations, mean over seeds."""
    spread = np.maximum(said.labels.std(axis=(0, 1)), 1e-9)
    missed = (np.abs(said.predicted - said.labels) / spread).mean(axis=(1, 2))
    sentences = []
    for row in np.argsort(-missed, kind="stable")[:_SHOWN]:
        of = ", ".join(
            f"{name} {said.labels[row, 0, t]:.3g} told as {said.predicted[row, :, t].mean():.3g}"
            for t, name in enumerate(said.names)
        )
        sentences.append(f"{said.clips[row]} (speaker {said.actors[row]}): {of}")
    return sentences
