"""Which of a corpus's clips a run uses."""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ravdess_exp.corpus.ravdess.labels import CHANNELS, EMOTIONS, INTENSITIES

if TYPE_CHECKING:
    from ravdess_exp.corpus.manifest import Clip


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which clips of a corpus are used; `all` and empty lists leave nothing out.

    modality: of the model: both, audio or video. A clip that lacks what is not asked for will do.
    """

    modality: str = "both"
    channel: str = "speech"  # speech, song or all
    intensity: str = "all"  # all, normal or strong
    statement: str | int = "all"  # all, 1 or 2
    without_emotions: tuple[str, ...] = ()
    without_actors: tuple[int, ...] = ()

    def __contains__(self, clip: "Clip") -> bool:
        """Whether a clip is used."""
        return (
            self.channel in ("all", CHANNELS[clip.channel])
            and self.intensity in ("all", INTENSITIES[clip.intensity])
            and self.statement in ("all", clip.statement)
            and EMOTIONS[clip.emotion] not in self.without_emotions
            and clip.actor not in self.without_actors
        )

    def reason_without(self, clips: Sequence["Clip"]) -> str:
        """The settings by which none of these clips is used, such as `data.channel=song`."""
        settings = {
            "channel": [c for c in clips if self.channel in ("all", CHANNELS[c.channel])],
            "intensity": [c for c in clips if self.intensity in ("all", INTENSITIES[c.intensity])],
            "statement": [c for c in clips if self.statement in ("all", c.statement)],
        }
        alone = [name for name, left in settings.items() if not left]
        some = [name for name in settings if getattr(self, name) != "all"]
        told = [f"data.{name}={getattr(self, name)}" for name in alone or some]
        if not alone and self.without_emotions:
            told.append(f"data.without_emotions=[{','.join(self.without_emotions)}]")
        return " and ".join(told)


DEFAULT = Selection()


def of_actors(actors: Iterable[int]) -> str:
    """Such as `actor 18`, or `actors 18, 20`."""
    numbers = [str(actor) for actor in sorted(actors)]
    return f"actor{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"


def without_actors(selection: Selection, actors: Iterable[int]) -> str:
    """The override, as a shell takes it, that leaves out these actors too."""
    return override("data.without_actors", sorted({*selection.without_actors, *actors}))


def without_emotions(selection: Selection, emotions: Iterable[str]) -> str:
    """The override, as a shell takes it, that leaves out these emotions too."""
    left_out = dict.fromkeys([*selection.without_emotions, *emotions])
    return override("data.without_emotions", left_out)


def override(key: str, values: Iterable[object]) -> str:
    """A list as an override, quoted for a shell."""
    return shlex.quote(f"{key}=[{','.join(map(str, values))}]")
