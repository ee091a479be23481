"""What is known of an encoder's file: its licence, what it was trained on, whether that is RAVDESS."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ravdess_exp.errors import ConfigError

ACCEPTED = "accepted"
SAW_RAVDESS = (
    "WARNING: an encoder of this run was trained on RAVDESS. It has heard or seen the test speakers, "
    "so the score says nothing about people it never met."
)
_SEEN = (  # of names, files and what they were trained on, in small letters
    "ravdess",
    "emobox",  # the collection that emotion2vec+ was trained on; RAVDESS is in it
    "emotion2vec_plus",
    "emotion2vec+",
    "wav2vec2_lg_xlsr_en_speech_emotion_recognition",  # ehcalabres
)


@dataclass(frozen=True)
class EncoderFacts:
    """What an encoder's file, or the configuration for it, says. None: not stated."""

    file: str
    name: str
    licence: str | None
    trained_on: str | None

    @classmethod
    def of(cls, file: str, stated: Mapping[str, Any]) -> "EncoderFacts":
        """Of a mapping with name, licence and trained_on, each of which may be missing or empty."""
        name = stated.get("name") or Path(file).stem
        return cls(file, name, stated.get("licence") or None, stated.get("trained_on") or None)

    @property
    def saw_ravdess(self) -> bool:
        """Whether it is known, or says of itself, to have been trained on RAVDESS."""
        said = " ".join((Path(self.file).name, self.name, self.trained_on or ""))
        plain = said.lower().replace("-", "_")
        return any(name in plain for name in _SEEN)

    def check(self, section: str, *, accepted: bool) -> None:
        """Raise `ConfigError` where a fact is not stated, or RAVDESS was seen and not accepted.

        section: audio or visual, whose keys the messages name.
        """
        for fact in ("licence", "trained_on"):
            if getattr(self, fact) is None:
                raise ConfigError(
                    f"{section}.{fact}: not stated, and {self.file} does not say it; give it, since "
                    "every model that is made with this encoder says it on"
                )
        if self.saw_ravdess and not accepted:
            raise ConfigError(
                f"{section}.file={self.file}: {self.name} was trained on RAVDESS, so its scores there "
                f"say nothing; take another, or {section}.saw_ravdess={ACCEPTED}, which marks every result"
            )
