"""What must be said beside a score that is no result. `LEAKY` is in `ravdess_exp.corpus.split`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

DEMO = "The demo corpus is drawn and synthesised: its scores say nothing about people."
SHUFFLED = "SANITY CHECK: the labels were shuffled; anything but chance would be leakage."
LEAKY = "NOT A RESULT: the speakers of the test clips were in training too."
ENCODER = "NOT A RESULT: a frozen encoder was trained on RAVDESS, so it knew the test speakers."
PLANTED = "SANITY CHECK: copies of the test clips were put into training; a high score must show."
REENACTED = (
    "The folder of the clips is named as re-enacted: other faces and voices perform after RAVDESS. These "
    "are not results on RAVDESS."
)


@dataclass(frozen=True, kw_only=True)
class Cautioned:
    """A finding with what must stand beside it. settings: by dotted key, of the run or of a study's runs."""

    leaky: bool
    shuffled: bool
    saw_ravdess: bool
    settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def corpus(self) -> str:
        """`ravdess`, `demo` or another source; empty where the settings do not say."""
        return str(self.settings.get("data.source") or "")

    @property
    def reenacted(self) -> bool:
        """Whether the folder of the clips says so."""
        root = str(self.settings.get("data.root") or "").lower().replace("-", "")
        return self.corpus == "ravdess" and "reenact" in root

    def cautions(self) -> list[str]:
        """What must stand beside the scores, the gravest first."""
        told = (
            (LEAKY, self.leaky and not self.settings.get("data.plant_leak")),
            (PLANTED, bool(self.settings.get("data.plant_leak"))),
            (ENCODER, self.saw_ravdess),
            (SHUFFLED, self.shuffled),
            (DEMO, self.corpus == "demo"),
            (REENACTED, self.reenacted),
        )
        return [sentence for sentence, holds in told if holds]
