"""Sanity checks that were run on the same clips and lie beside a result, or were named with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ravdess_exp.errors import RavdessError
from ravdess_exp.folder import CONFIGURATION
from ravdess_exp.report.reading import Finished, read_finished

SHUFFLED, PLANTED = "data.shuffle_labels", "data.plant_leak"
_CLIPS = ("data.source", "data.root", "data.table")  # what makes it the same clips
_MOST = 200  # folders that are looked into: a report must not take longer for an old sweep


@dataclass(frozen=True)
class SanityRun:
    """A finished run or study of a sanity check. kind: `SHUFFLED` or `PLANTED`."""

    kind: str
    folder: Path
    uar: tuple[float, float, float]  # value, ends of its interval; of numbers CCC
    chance: float
    title: str = "UAR"

    @property
    def passed(self) -> bool:
        """Shuffled labels must leave only chance; a planted leak must show above it."""
        low = self.uar[1]
        return low > self.chance if self.kind == PLANTED else low <= self.chance

    def sentence(self) -> str:
        """What it found, and where it lies."""
        value, low, high = self.uar
        return (
            f"{self.title} {value:.3f}, interval {low:.3f} to {high:.3f}, a guess gets {self.chance:.3f} "
            f"({self.folder.name})"
        )


def sanity_runs(finished: Finished, others: Sequence[Finished] = ()) -> list[SanityRun]:
    """Those of the same clips, in the folder that `finished` lies in or among `others`."""
    places = {finished.folder.resolve()}
    found = []
    for other in (*others, *_neighbours(finished)):
        place = other.folder.resolve()
        kind = kind_of(other.findings.settings)
        if kind is None or place in places or not _same_clips(finished, other):
            continue
        places.add(place)
        score = other.findings.overall
        uar = (score.value, score.low, score.high)
        found.append(SanityRun(kind, place, uar, other.findings.chance, other.findings.title))
    return found


def kind_of(settings: Mapping[str, object]) -> str | None:
    """Which check settings are of; a planted leak's labels are shuffled too."""
    return next((key for key in (PLANTED, SHUFFLED) if settings.get(key)), None)


def _neighbours(finished: Finished) -> Iterator[Finished]:
    """Finished sanity checks in the same folder; what cannot be read is passed over."""
    own = finished.folder.resolve()
    folders = (path for path in sorted(own.parent.iterdir())[:_MOST] if path.is_dir())
    for folder in folders:
        if folder != own and _says(folder, f"{SHUFFLED.rpartition('.')[2]}: true"):
            try:
                yield read_finished(folder)
            except (RavdessError, OSError, ValueError, KeyError):
                continue


def _says(folder: Path, line: str) -> bool:
    """Whether the configuration of a run, or of a study's first run, has this line."""
    name = f"{CONFIGURATION}/config.yaml"
    paths = [folder / name, *sorted(folder.glob(f"*/{name}"))[:1]]
    try:
        return any(line in path.read_text(encoding="utf-8") for path in paths if path.is_file())
    except (OSError, ValueError):
        return False


def _same_clips(one: Finished, other: Finished) -> bool:
    told = [[f.findings.settings.get(key) for key in _CLIPS] for f in (one, other)]
    return told[0] == told[1]
