"""Which clips the demo corpus has."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ravdess_exp.corpus.ravdess.labels import ACTORS, EMOTIONS, INTENSITIES, REPETITIONS, STATEMENTS


@dataclass(frozen=True)
class Trial:
    """One clip of the demo corpus, by RAVDESS's codes."""

    emotion: int
    intensity: int
    statement: int
    repetition: int
    actor: int

    @property
    def shown(self) -> str:
        """The emotion, by name."""
        return EMOTIONS[self.emotion]

    @property
    def path(self) -> Path:
        """Relative to the corpus, as RAVDESS names and nests it."""
        codes = (1, 1, self.emotion, self.intensity, self.statement, self.repetition, self.actor)
        name = "-".join(f"{code:02d}" for code in codes)
        return Path(f"Actor_{self.actor:02d}", f"{name}.mp4")


def trials(clips_per_actor: int) -> Iterator[Trial]:
    """The clips of all actors, balanced over the seven classes as far as the number allows."""
    for actor in ACTORS:
        yield from _of_actor(actor, clips_per_actor)


def _of_actor(actor: int, count: int) -> list[Trial]:
    """The first `count` trials of an order in which the seven classes take turns."""
    by_class: dict[str, list[Trial]] = {}
    for emotion, name in EMOTIONS.items():
        takes = [
            Trial(emotion, intensity, statement, repetition, actor)
            for repetition in REPETITIONS
            for intensity in ((1,) if emotion == 1 else INTENSITIES)
            for statement in STATEMENTS
        ]
        by_class.setdefault("neutral" if name == "calm" else name, []).extend(takes)
    by_class["neutral"].sort(key=lambda t: (t.repetition, t.statement, t.intensity, t.emotion))
    queue = []
    for turn in range(max(map(len, by_class.values()))):
        queue += [takes[turn] for takes in by_class.values() if turn < len(takes)]
    return queue[:count]
