"""A run or a study that tells numbers in a few lines of Markdown, for MLflow's page."""

from ravdess_exp.corpus.split import LEAKY
from ravdess_exp.features.encoders import SAW_RAVDESS
from ravdess_exp.report.cautions import DEMO, SHUFFLED
from ravdess_exp.report.description import plain
from ravdess_exp.report.numbers.findings import Findings
from ravdess_exp.report.numbers.text import validation_line


def description(found: Findings, *, demo: bool) -> str:
    """The scores on test with their intervals, and what was reached on validation."""
    of = found.scores.ccc
    lines = [
        f"**CCC {of.value:.3f}** on test, 95% interval {of.low:.3f} to {of.high:.3f}; a constant gets 0, "
        f"validation {found.validation:.3f}.",
        "",
        found.sentence(),
        "",
        *(f"- {line}" for line in target_lines(found)),
    ]
    if found.validation_last is not None:
        lines.append(f"- {validation_line(found)}")
    if found.baseline is not None:
        lines.append(f"- {found.baseline_sentence}")
    cautions = (
        (LEAKY, found.leaky),
        (SAW_RAVDESS, found.saw_ravdess),
        (SHUFFLED, found.shuffled),
        (DEMO, demo),
    )
    return "\n".join([*lines, *(f"\n**{text}**" for text, holds in cautions if holds)])


def target_lines(found: Findings) -> list[str]:
    """A line a number."""
    return [
        f"{plain(name)}: CCC {of.ccc.value:.3f} ({of.ccc.low:.3f} to {of.ccc.high:.3f}), RMSE "
        f"{of.rmse.value:.3f} ({of.rmse.low:.3f} to {of.rmse.high:.3f}), Pearson's r {of.pearson.value:.3f}"
        for name, of in found.scores.targets.items()
    ]
