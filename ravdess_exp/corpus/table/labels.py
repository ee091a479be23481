"""The emotion of a label, as a corpus writes it or as a user has it called."""

import re
from collections.abc import Mapping

from ravdess_exp.corpus.table.place import UnusableError
from ravdess_exp.errors import CorpusError

_NAME = re.compile(r"[\w .:+-]{1,60}")  # of a class: what MLflow takes in the name of a metric
_TAKEN = {"fold", "seed", "clip", "actor", "label", "prediction", "sure"}  # in predictions.csv


class LeftOutError(CorpusError):
    """A clip that `data.labels` leaves out, or that its corpus cannot stand for."""


def emotion_of(label: str, labels: Mapping[str, str | None] | None) -> str:
    """The emotion of a label. labels: emotions by label, None leaves out; None: as they are.

    Raises `LeftOutError` for a label that is left out, `UnusableError` for what cannot be a class's name.
    """
    emotion: str | None = label
    if labels is not None:
        if label not in labels:
            known = ", ".join(labels)
            raise LeftOutError(f"emotion {label!r}: not in data.labels, which has {known}")
        emotion = labels[label]
    if emotion is None:
        raise LeftOutError(f"emotion {label!r}: left out by data.labels")
    if not _NAME.fullmatch(emotion) or emotion.lower() in _TAKEN:
        raise UnusableError(
            f"emotion {emotion!r}: expected letters, digits, spaces, '.', ':', '+', '-' and '_', at "
            f"most 60, and none of {', '.join(sorted(_TAKEN))}; data.labels gives another name"
        )
    return emotion
