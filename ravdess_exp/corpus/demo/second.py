"""A second demo corpus: other people, other classes, other names of files, and a table that lists it."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ravdess_exp.corpus.demo.trials import Trial
from ravdess_exp.corpus.demo.writer import write_all
from ravdess_exp.corpus.ravdess.labels import sex_of
from ravdess_exp.files import whole

TABLE = "table.csv"
_VERSION = 1  # raise it when clips come out differently
_COLUMNS = ("path", "speaker", "emotion", "sex", "language", "statement")
_FIRST = 101  # number of the first speaker: none is drawn as an actor of the first corpus is
_SPEAKERS = (  # men and women by turns, as the parity of their numbers says
    ("boris", "de"), ("anna", "de"), ("carl", "de"), ("dora", "de"), ("emile", "fr"), ("flore", "fr"),
    ("guy", "fr"), ("helene", "fr"), ("ivan", "pl"), ("julia", "pl"),
)  # fmt: skip
# By language what a file's name has for each class. Four classes are RAVDESS's too, two are not, and
# three of RAVDESS's (fearful, disgust, surprised) are not here.
_WORDS = {
    "de": ("neutral", "froh", "traurig", "wut", "langeweile", "belustigt"),
    "fr": ("neutre", "joie", "triste", "colere", "ennui", "amuse"),
    "pl": ("neutralny", "radosc", "smutek", "zlosc", "nuda", "rozbawienie"),
}
CLASSES = ("neutral", "happy", "sad", "angry", "bored", "amused")


@dataclass(frozen=True)
class SecondTrial(Trial):
    """One clip of the second corpus; its emotion is the place among `CLASSES`, from 101 on."""

    @property
    def shown(self) -> str:
        """The emotion, by name."""
        return CLASSES[self.emotion - _FIRST]

    @property
    def speaker(self) -> str:
        """By name."""
        return _SPEAKERS[self.actor - _FIRST][0]

    @property
    def language(self) -> str:
        """By its code of two letters."""
        return _SPEAKERS[self.actor - _FIRST][1]

    @property
    def path(self) -> Path:
        """Such as `anna_de_07_froh.mp4`: speaker, language, number, emotion in that language."""
        number = (self.repetition - 1) * len(CLASSES) + self.emotion - _FIRST + 1
        word = _WORDS[self.language][self.emotion - _FIRST]
        return Path(f"{self.speaker}_{self.language}_{number:02d}_{word}.mp4")


def second_trials(clips_per_speaker: int) -> Iterator[SecondTrial]:
    """The clips of all speakers, the classes in turns."""
    for who in range(len(_SPEAKERS)):
        for number in range(clips_per_speaker):
            turn, emotion = divmod(number, len(CLASSES))
            yield SecondTrial(
                emotion=_FIRST + emotion,
                intensity=1,
                statement=1 + turn % 2,
                repetition=1 + turn,
                actor=_FIRST + who,
            )


def generate_second(
    root: Path,
    *,
    clips_per_speaker: int = 12,
    seed: int = 0,
    n_jobs: int = -1,
    progress: bool = True,
) -> Path:
    """Write what is missing of the second demo corpus under `root`, and return its table's path.

    Ten speakers, `clips_per_speaker` each. Raises as `generate_demo` does.
    """
    settings = {"second": _VERSION, "seed": seed, "clips_per_speaker": clips_per_speaker}

    def wanted() -> Iterator[SecondTrial]:
        return second_trials(clips_per_speaker)

    def finish() -> None:
        write_table(root, wanted())

    write_all(root, settings, wanted, n_jobs=n_jobs, progress=progress, last=finish)
    return root / TABLE


def write_table(root: Path, trials: Iterable[SecondTrial]) -> Path:
    """Write the table of these clips below `root`; returns its path."""
    with whole(root / TABLE) as path, path.open("w", newline="") as file:
        csv.writer(file).writerows([_COLUMNS, *map(_row, trials)])
    return root / TABLE


def _row(trial: SecondTrial) -> tuple[str, ...]:
    sex, said = sex_of(trial.actor), str(trial.statement)
    return str(trial.path), trial.speaker, trial.shown, sex, trial.language, said
