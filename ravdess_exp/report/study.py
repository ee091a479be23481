"""What a study says of itself, whether it names classes or tells numbers."""

from collections.abc import Mapping
from pathlib import Path

from ravdess_exp.report import description, findings, study_text
from ravdess_exp.report.numbers import description as numbers_description
from ravdess_exp.report.numbers import findings as numbers_findings
from ravdess_exp.report.numbers import text as numbers_text
from ravdess_exp.scoring.numbers.study_result import NumbersStudy
from ravdess_exp.scoring.study_result import StudyResult

AnyStudy = StudyResult | NumbersStudy
AnyFindings = findings.Findings | numbers_findings.Findings


def text_of(result: AnyStudy, folder: Path, page: str | None) -> str:
    """What is printed at its end."""
    of = numbers_text if isinstance(result, NumbersStudy) else study_text
    return of.study_text(result, folder, page)


def description_of(result: AnyStudy, *, demo: bool) -> str:
    """Markdown, for MLflow's page; of a study of which a run is finished."""
    if isinstance(result, NumbersStudy):
        found = numbers_findings.Findings.of_study(result)
        return numbers_description.description(found, demo=demo)
    return description.study_description(result, demo=demo)


def findings_of(result: AnyStudy, settings: Mapping[str, object]) -> AnyFindings:
    """In the form that the card and the report are made from."""
    of = numbers_findings if isinstance(result, NumbersStudy) else findings
    return of.Findings.of_study(result, settings)
