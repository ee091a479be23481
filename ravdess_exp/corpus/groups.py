"""The groups that a clip belongs to, by which scores are given one by one."""

from ravdess_exp.corpus.manifest import Clip
from ravdess_exp.corpus.ravdess.labels import INTENSITIES

_STATEMENTS = {1: "kids", 2: "dogs"}  # as the two sentences begin


def groups_of(clip: Clip) -> dict[str, str]:
    """The clip's group in each division that its corpus knows, such as `sex`: `female`."""
    return {
        "sex": clip.sex,
        "intensity": INTENSITIES[clip.intensity],
        "statement": _STATEMENTS[clip.statement],
    }
