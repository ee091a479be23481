"""How often a 95% interval holds the true value: simulated, as tables in Markdown.

    python scripts/interval_coverage.py                       # 2,000 draws a cell, some minutes
    python scripts/interval_coverage.py --draws 200 --actors 1 6

Speakers with RAVDESS's 60 clips each differ in how well they are recognised, classes differ within a
speaker, and trials are hard or easy for all speakers alike. From six speakers on, what is to be held
is the mean over all speakers that there might be; with fewer, that of further clips of these speakers.
A second model, for the paired difference, shares most of that. Also told: how often `compare`'s interval
and its test disagree, which must be never.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from ravdess_exp.scoring.intervals import ENOUGH_SPEAKERS, interval
from ravdess_exp.scoring.metrics import uar
from ravdess_exp.scoring.paired import gain_of

_LABELS = np.repeat(np.arange(7), [12, 8, 8, 8, 8, 8, 8])  # of a speaker: neutral and calm together
_CLASSES = 7
_ACTORS = (1, 2, 3, 6, 18, 24)
_EASE = {"0.35": -0.65, "0.5": 0.0, "0.8": 1.55}  # UAR, about: the mean on the scale of log odds
_OF_SPEAKER, _OF_CLASS, _OF_TRIAL, _OF_MODEL = 0.35, 0.5, 0.5, 0.3  # deviations, the same scale
_ALL_SPEAKERS = 20_000  # stand for all that there might be
_LOWEST, _HIGHEST = 0.93, 0.97


@dataclass(frozen=True)
class World:
    """Trials of a certain ease. ease: mean log odds; gain: what a second model has more of it."""

    ease: float
    gain: float
    trials: np.ndarray

    def chances(self, speakers: int, rng: np.random.Generator) -> np.ndarray:
        """(2, speakers, clips): probability that each of two models is right."""
        shape = (speakers, _CLASSES)
        common = rng.normal(0, _OF_SPEAKER, (speakers, 1)) + rng.normal(0, _OF_CLASS, shape)
        own = rng.normal(0, _OF_MODEL, (2, *shape)) + np.array([0, self.gain])[:, None, None]
        return expit(self.ease + (common + own)[..., _LABELS] + self.trials)


@dataclass
class Count:
    """Of draws: how many intervals held the score, the gain; how many gains were contradicted."""

    score: int = 0
    gain: int = 0
    contradictions: int = 0


def simulate(ease: float, actors: int, *, draws: int, rng: np.random.Generator) -> Count:
    """Draw speakers and clips, make both intervals by the package's own functions, and count."""
    world = World(ease, rng.choice([0.0, 0.3]), rng.normal(0, _OF_TRIAL, len(_LABELS)))
    everybody = true_scores(world.chances(_ALL_SPEAKERS, rng))
    labels, of_actor = np.tile(_LABELS, actors), np.repeat(np.arange(actors), len(_LABELS))
    count = Count()
    for _ in range(draws):
        chances = world.chances(actors, rng)
        truth = everybody if actors >= ENOUGH_SPEAKERS else true_scores(chances)
        right = (rng.random(chances.shape) < chances).reshape(2, -1)
        wrong = (labels + rng.integers(1, _CLASSES, labels.shape)) % _CLASSES
        one, two = np.where(right, labels, wrong)
        low, high = interval(uar, labels, one, of_actor)
        count.score += low <= truth[0] <= high
        gain = gain_of(labels, one[:, None], two[:, None], of_actor)
        low, high = gain.interval()
        count.gain += low <= truth[1] - truth[0] <= high
        count.contradictions += (low <= 0 <= high) == (gain.p < 0.05)
    return count


def true_scores(chances: np.ndarray) -> np.ndarray:
    """(2,): the UAR that both models have on ever more clips of these speakers."""
    of_class = [chances[..., label == _LABELS].mean(axis=(1, 2)) for label in range(_CLASSES)]
    return np.mean(of_class, axis=0)


def table(actors: Sequence[int], draws: int, seed: int) -> tuple[str, bool]:
    """The table, and whether every cell is within the target."""
    about = {True: "speakers", False: "clips"}
    titles = [f"{what}, UAR {name}" for what in ("score", "difference") for name in _EASE]
    lines = [f"| actors | about | {' | '.join(titles)} | contradictions |", "|---" * 9 + "|"]
    within = True
    for number in actors:
        counts = [
            simulate(ease, number, draws=draws, rng=np.random.default_rng((seed, number, i)))
            for i, ease in enumerate(_EASE.values())
        ]
        shares = [of.score / draws for of in counts] + [of.gain / draws for of in counts]
        contradictions = sum(of.contradictions for of in counts)
        within &= not contradictions and all(_LOWEST <= share <= _HIGHEST for share in shares)
        cells = [number, about[number >= ENOUGH_SPEAKERS], *(f"{s:.1%}" for s in shares)]
        lines.append(f"| {' | '.join(map(str, [*cells, contradictions]))} |")
    return "\n".join(lines), within


def main() -> int:
    """Print the table; 1 where a cell is outside 93 to 97%."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--draws", type=int, default=2000, help="of each cell; default: %(default)s"
    )
    parser.add_argument("--actors", type=int, nargs="+", default=_ACTORS)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    text, within = table(options.actors, options.draws, options.seed)
    print(text)
    print(f"\ntarget {_LOWEST:.0%} to {_HIGHEST:.0%}: {'reached' if within else 'MISSED'}")
    return 0 if within else 1


if __name__ == "__main__":
    raise SystemExit(main())
