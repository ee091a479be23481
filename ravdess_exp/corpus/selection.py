"""Which of a corpus's clips a run uses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ravdess_exp.command import as_value, command_line
from ravdess_exp.corpus.clip import Clip
from ravdess_exp.corpus.speaker import in_order, speaker_of

_BY_VALUE = ("channel", "intensity", "statement")  # settings that are a fact of a clip


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which clips of a corpus are used; `all` and empty lists leave nothing out.

    modality: of the model: both, audio or video. A clip that lacks what is not asked for will do.
    channel, intensity, statement: what the corpus says of a clip, as `Clip` has it.
    """

    modality: str = "both"
    channel: str = "speech"  # where a corpus does not say it, this is what it is
    intensity: str = "all"
    statement: str | int = "all"
    without_emotions: tuple[str, ...] = ()
    without_actors: tuple[int | str, ...] = ()

    @cached_property
    def left_out(self) -> frozenset[int | str]:
        """The speakers of `without_actors`, however they are written."""
        return frozenset(map(speaker_of, self.without_actors))

    def without(self, emotions: Iterable[str], actors: Iterable[int | str]) -> "Selection":
        """The same, with these emotions and actors left out too."""
        return replace(
            self,
            without_emotions=tuple(dict.fromkeys([*self.without_emotions, *emotions])),
            without_actors=tuple(dict.fromkeys([*self.without_actors, *actors])),
        )

    def __contains__(self, clip: Clip) -> bool:
        """Whether a clip is used."""
        return (
            all(self._has(name, clip) for name in _BY_VALUE)
            and clip.emotion not in self.without_emotions
            and clip.actor not in self.left_out
        )

    def reason_without(self, clips: Sequence[Clip]) -> str:
        """The settings by which none of these clips is used, such as `data.channel=song`."""
        alone = [n for n in _BY_VALUE if not any(self._has(n, clip) for clip in clips)]
        some = [name for name in _BY_VALUE if getattr(self, name) != "all"]
        told = [f"data.{name}={getattr(self, name)}" for name in alone or some]
        if not alone and self.without_emotions:
            told.append(f"data.without_emotions=[{','.join(self.without_emotions)}]")
        return " and ".join(told)

    def _has(self, name: str, clip: Clip) -> bool:
        wanted, known = str(getattr(self, name)), getattr(clip, name)
        if name == "channel" and known is None:
            known = "speech"
        return wanted in ("all", known)


DEFAULT = Selection()


def of_actors(actors: Iterable[int | str]) -> str:
    """Such as `actor 18`, or `actors 18, 20`."""
    names = [str(actor) for actor in in_order(actors)]
    return f"actor{'s' if len(names) > 1 else ''} {', '.join(names)}"


def without_actors(selection: Selection, actors: Iterable[int | str]) -> str:
    """The override, as a shell takes it, that leaves out these actors too."""
    return override("data.without_actors", in_order([*selection.left_out, *actors]))


def without_emotions(selection: Selection, emotions: Iterable[str]) -> str:
    """The override, as a shell takes it, that leaves out these emotions too."""
    left_out = dict.fromkeys([*selection.without_emotions, *emotions])
    return override("data.without_emotions", left_out)


def override(key: str, values: Iterable[object]) -> str:
    """A list as an override, quoted for a shell."""
    return command_line(list_word(key, values))


def list_word(key: str, values: Iterable[object]) -> str:
    """The same as the word that Hydra is given."""
    return f"{key}=[{','.join(map(_written, values))}]"


def _written(value: object) -> str:
    """As Hydra reads it: a word in quotes where it needs them."""
    return as_value(value) if isinstance(value, str) else str(value)
