"""The groups that a clip belongs to, by which scores are given one by one."""

from ravdess_exp.corpus.clip import Clip


def groups_of(clip: Clip) -> dict[str, str]:
    """The clip's group in each division that its corpus knows, such as `sex`: `female`."""
    known = {
        "sex": clip.sex,
        "intensity": clip.intensity,
        "statement": clip.words or clip.statement,
        "language": clip.language,
        "group": clip.group,
        "corpus": clip.corpus,
    }
    return {division: value for division, value in known.items() if value}
