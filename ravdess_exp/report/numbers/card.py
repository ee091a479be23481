"""The card of a model that tells numbers; see `report.card`, of which it has the parts that make sense."""

from collections.abc import Sequence

from ravdess_exp.features.encoders import EncoderFacts
from ravdess_exp.predict.facts import Facts
from ravdess_exp.report.card_parts import (
    again_section,
    cost_section,
    data_section,
    encoders_section,
    head_text,
    licence_section,
    of_score,
    protocol_section,
    section,
    through,
)
from ravdess_exp.report.card_words import ACTED, USES
from ravdess_exp.report.description import plain
from ravdess_exp.report.numbers.findings import Findings
from ravdess_exp.scoring.intervals import scope
from ravdess_exp.scoring.numbers.measures import TITLES
from ravdess_exp.scoring.numbers.parts import each_group
from ravdess_exp.scoring.study_scores import Score

_NO_CLASSES = "Of numbers there is no confusion and no calibration, and none is called sure."


def card_text(
    findings: Findings, facts: Facts, *, modality: str, encoders: Sequence[EncoderFacts] = ()
) -> str:
    """The whole card; see `report.card.card_text`."""
    measures = [
        {"type": measure, "name": f"{TITLES[measure]} of {name}", "value": round(one.value, 4)}
        for name, of in findings.scores.targets.items()
        for measure, one in vars(of).items()
    ]
    head = head_text(findings, facts, modality, measures, "Emotion as numbers, of recordings")
    parts = [
        f"---\n{head}---\n\n# {plain(facts.name)}",
        _intention(findings, modality),
        section("What it may be used for", USES),
        section("What it must not be used for", ACTED),
        data_section(findings, facts),
        protocol_section(findings, facts, "tells the mean of what all of them tell"),
        section("Scores", _scores(findings)),
        section("By speaker", _speakers(findings)),
        section("By group", _groups(findings)),
        encoders_section(encoders),
        licence_section(facts),
        cost_section(findings),
        again_section(facts),
    ]
    return "\n\n".join(parts) + "\n"


def _intention(findings: Findings, modality: str) -> str:
    names = ", ".join(plain(name) for name in findings.names)
    lines = [f"Tells {names} of a short recording, as numbers, by {through(modality)}."]
    return "\n\n".join([*lines, *(f"**{sentence}**" for sentence in findings.cautions())])


def _scores(findings: Findings) -> str:
    rows = ["| measure | value | 95% interval |", "|---|---|---|"]
    rows.append(f"| CCC, mean over the numbers | {of_score(findings.scores.ccc)} |")
    rows += [
        f"| {TITLES[measure]} of {plain(name)} | {of_score(one)} |"
        for name, of in findings.scores.targets.items()
        for measure, one in vars(of).items()
    ]
    rows += [
        f"| CCC of {what} alone | {of_score(Score(of.ccc, of.ccc_low, of.ccc_high))} |"
        for what, of in findings.branches.items()
    ]
    if findings.baseline:
        rows.append(f"| CCC of a linear model | {of_score(findings.baseline)} |")
    rows.append("| CCC of a constant | 0.000 | |")
    told = [
        f"{findings.sentence()} {findings.against_chance()}",
        "\n".join(rows),
        f"Intervals are {scope(len(findings.speakers))}. {_NO_CLASSES}",
    ]
    return "\n\n".join(told)


def _speakers(findings: Findings) -> str:
    rows = ["| speaker | clips | CCC | RMSE |", "|---|---|---|---|"]
    rows += [
        f"| {plain(str(speaker))} | {of.clips} | {of.ccc:.3f} | {of.rmse:.3f} |"
        for speaker, of in findings.speakers.items()
    ]
    return "\n".join(rows)


def _groups(findings: Findings) -> str:
    if not findings.groups:
        return "The corpus knows no groups, so nothing was measured."
    rows = ["| group | clips | speakers | CCC | 95% interval |", "|---|---|---|---|---|"]
    rows += [
        f"| {plain(division)}: {plain(group)} | {of.clips} | {of.speakers} | {of.ccc:.3f} | "
        f"{of.ccc_low:.3f} to {of.ccc_high:.3f}{'' if of.over_speakers else ' (over clips)'} |"
        for division, group, of in each_group(findings.groups)
    ]
    return "\n".join(rows)
