"""What a setting can change, said once beside the setting."""

from enum import Enum


class Effect(Enum):
    """What changes with a setting. A field of the schema without one changes what is learned.

    A section's effect is that of all its settings which state none of their own.
    """

    NOTHING = "nothing"  # where and how the work is done: it may differ when a run goes on
    SCORES = "scores"  # what is measured of a trained model, not the model
    QUESTION = "question"  # which clips, folds and seeds are scored: a search may not choose it
    LEARNING = "learning"  # what is learned
