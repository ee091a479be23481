"""The model card of a study, whether its models name classes or tell numbers."""

from collections.abc import Sequence

from ravdess_exp.features.encoders import EncoderFacts
from ravdess_exp.predict.facts import Facts
from ravdess_exp.report import card
from ravdess_exp.report.numbers import card as numbers_card
from ravdess_exp.report.numbers.findings import Findings as NumberFindings
from ravdess_exp.report.study import AnyFindings


def card_of(
    findings: AnyFindings, facts: Facts, *, modality: str, encoders: Sequence[EncoderFacts] = ()
) -> str:
    """See `report.card.card_text`."""
    of = numbers_card if isinstance(findings, NumberFindings) else card
    return of.card_text(findings, facts, modality=modality, encoders=encoders)
