"""What validation speakers were for, in words."""

from collections.abc import Mapping
from typing import Any

_REFIT, _CHOOSE = "training.refit", "training.choose"


def course(settings: Mapping[str, Any]) -> str:
    """How one model was made and scored. settings: by key, those of the run."""
    if settings.get(_REFIT):
        return (
            "One model: trained on some speakers, watched and calibrated on others, trained again on both, "
            "scored once on the test speakers."
        )
    return (
        "One model: trained on some speakers, chosen by others, scored once on the test speakers."
    )


def of_validation(settings: Mapping[str, Any]) -> str:
    """Which score on validation it is, after the measure's name."""
    if settings.get(_REFIT):
        return "on validation, before it was trained on them too"
    if settings.get(_CHOOSE) == "best":
        return "on validation, by which the epoch was chosen"
    return "on validation"
