"""What must be said beside a score that is no result. `LEAKY` is in `ravdess_exp.corpus.split`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ravdess_exp.corpus.facts import CorpusFacts
from ravdess_exp.corpus.known import facts_of

DEMOS = ("demo", "demo_table")  # sources of clips that are generated
DEMO = "The demo corpus is drawn and synthesised: its scores say nothing about people."
SHUFFLED = "SANITY CHECK: the labels were shuffled; anything but chance would be leakage."
LEAKY = "NOT A RESULT: the speakers of the test clips were in training too."
ENCODER = "NOT A RESULT: a frozen encoder was trained on RAVDESS, so it knew the test speakers."
PLANTED = "SANITY CHECK: copies of the test clips were put into training; a high score must show."


@dataclass(frozen=True, kw_only=True)
class Cautioned:
    """A finding with what must stand beside it. settings: by dotted key, of the run or of a study's runs."""

    leaky: bool
    shuffled: bool
    saw_ravdess: bool
    settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def corpus(self) -> str:
        """Its source; empty where the settings do not say."""
        return str(self.settings.get("data.source") or "")

    @property
    def facts(self) -> CorpusFacts:
        """What is known of the corpus."""
        return facts_of(self.corpus, str(self.settings.get("data.root") or ""))

    def cautions(self) -> list[str]:
        """What must stand beside the scores, the gravest first."""
        told = (
            (LEAKY, self.leaky and not self.settings.get("data.plant_leak")),
            (PLANTED, bool(self.settings.get("data.plant_leak"))),
            (ENCODER, self.saw_ravdess),
            (SHUFFLED, self.shuffled),
            (DEMO, self.corpus in DEMOS),
            (self.facts.caution or "", self.facts.caution is not None),
        )
        return [sentence for sentence, holds in told if holds]
