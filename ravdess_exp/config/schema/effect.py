"""What a setting can change, and what was done before it was there: said once beside the setting."""

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Effect(Enum):
    """What changes with a setting. A field of the schema without one changes what is learned.

    A section's effect is that of all its settings which state none of their own.
    """

    NOTHING = "nothing"  # where and how the work is done: it may differ when a run goes on
    SCORES = "scores"  # what is measured of a trained model, not the model
    QUESTION = "question"  # which clips, folds and seeds are scored: a search may not choose it
    LEARNING = "learning"  # what is learned


@dataclass(frozen=True)
class Before:
    """The value of a later setting that means what was done before there was it.

    Configurations that earlier versions kept lack the setting, and are read with this value.
    """

    value: Any
