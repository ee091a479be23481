"""RAVDESS's vocabulary: the codes in its file names, and the classes of the task.

Source: Livingstone & Russo (2018), PLoS ONE 13(5): e0196391, "File naming convention".
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ravdess_exp.corpus.emotions import USUAL

MODALITIES = {1: "full-av", 2: "video-only", 3: "audio-only"}
CHANNELS = {1: "speech", 2: "song"}
EMOTIONS = dict(enumerate(USUAL, 1))
INTENSITIES = {1: "normal", 2: "strong"}
STATEMENTS = {1: "Kids are talking by the door", 2: "Dogs are sitting by the door"}
STATEMENT_WORDS = {1: "kids", 2: "dogs"}  # as the two begin
REPETITIONS = {1: "first", 2: "second"}
ACTORS = tuple(range(1, 25))
WITHOUT_SONGS = 18  # the one actor of whom there are none
SUNG = (1, 2, 3, 4, 5, 6)  # emotions that there are songs of

MODALITIES_OF = {"both": (1,), "audio": (1, 3), "video": (1, 2)}  # that a model can learn from

_MERGED = {"calm": "neutral"}  # the two differ too little for listeners; RAVDESS work merges them


def sex_of(actor: int) -> str:
    """Odd numbers are men, even ones women."""
    return "male" if actor % 2 else "female"


def expected_names(channel: int = 1) -> Iterator[str]:
    """Names of the full audio-video clips of a channel; neutral has no strong.

    Speech: 1,440, of 24 actors 60 each. Song: 1,012, of 23 actors 44 each, without disgust and surprise.
    """
    sings = {actor for actor in ACTORS if actor != WITHOUT_SONGS}
    for actor in ACTORS if channel == 1 else sorted(sings):
        for emotion in EMOTIONS if channel == 1 else SUNG:
            for intensity in (1,) if emotion == 1 else INTENSITIES:
                for statement in STATEMENTS:
                    for repetition in REPETITIONS:
                        codes = (1, channel, emotion, intensity, statement, repetition, actor)
                        yield "-".join(f"{code:02d}" for code in codes)


@dataclass(frozen=True)
class Classes:
    """What a model tells apart: 7 classes (neutral and calm merged) or 8, less those left out.

    without: names of emotions whose clips are not used. A merged class stays as long as one of its
    two emotions does.
    """

    number: int = 7
    without: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Class names in the order of their indices, which is that of RAVDESS's codes."""
        kept = [self.of(name) for name in EMOTIONS.values() if name not in self.without]
        return tuple(name for name in EMOTIONS.values() if name in kept)

    def index(self, emotion: str | int) -> int:
        """Index of an emotion, or of its code 1..8, among `names`."""
        return self.names.index(self.of(EMOTIONS.get(emotion, emotion)))

    def emotions(self, name: str) -> tuple[str, ...]:
        """The emotions that are used and make up a class."""
        return tuple(e for e in EMOTIONS.values() if self.of(e) == name and e not in self.without)

    def of(self, emotion: str) -> str:
        """The class of an emotion, by name."""
        return _MERGED.get(emotion, emotion) if self.number == 7 else emotion


ALL_CLASSES = Classes()
