"""The card of a model: Markdown with the YAML head that model hubs read. It states what is known, no more."""

from collections.abc import Sequence

from ravdess_exp.features.encoders import EncoderFacts
from ravdess_exp.predict.facts import Facts
from ravdess_exp.report.card_parts import (
    again_section,
    cost_section,
    data_section,
    dataset_name,
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
from ravdess_exp.report.findings import Findings
from ravdess_exp.report.other_text import other_lines
from ravdess_exp.scoring.groups import each_group
from ravdess_exp.scoring.intervals import scope
from ravdess_exp.scoring.study_scores import Score

__all__ = ["card_text", "dataset_name"]

_MEASURES = (("uar", "recall", "UAR (mean recall)"), ("accuracy", "accuracy", "accuracy"),
             ("macro_f1", "f1", "macro F1"))  # fmt: skip


def card_text(
    findings: Findings, facts: Facts, *, modality: str, encoders: Sequence[EncoderFacts] = ()
) -> str:
    """The whole card. facts: of the bundle; modality: both, audio or video; encoders: frozen ones."""
    measures = [
        {"type": metric, "name": title, "value": round(getattr(findings, name).value, 4)}
        for name, metric, title in _MEASURES
    ]
    head = head_text(findings, facts, modality, measures, "Emotion recognition of acted recordings")
    parts = [
        f"---\n{head}---\n\n# {plain(facts.name)}",
        _intention(findings, modality),
        section("What it may be used for", USES),
        section("What it must not be used for", ACTED),
        data_section(findings, facts),
        protocol_section(findings, facts, "averages the probabilities of all of them"),
        section("Scores", _scores(findings)),
        section("By speaker", _speakers(findings)),
        section("By group", _groups(findings)),
        section("Are its probabilities right?", _calibration(findings)),
        encoders_section(encoders),
        licence_section(facts),
        cost_section(findings),
        again_section(facts),
    ]
    return "\n\n".join(parts) + "\n"


def _intention(findings: Findings, modality: str) -> str:
    classes = ", ".join(plain(name) for name in findings.classes)
    lines = [f"Names the acted emotion of a short recording by {through(modality)}: {classes}."]
    lines += [f"**{sentence}**" for sentence in findings.cautions()]
    return "\n\n".join(lines)


def _scores(findings: Findings) -> str:
    rows = ["| measure | value | 95% interval |", "|---|---|---|"]
    rows += [
        f"| {title} | {of_score(getattr(findings, name))} |"
        for name, _, title in _MEASURES
    ]  # fmt: skip
    rows += [
        f"| UAR of {what} alone | {of_score(score)} |" for what, score in findings.branches.items()
    ]
    if findings.baseline:
        low, high = findings.baseline.uar_low, findings.baseline.uar_high
        rows.append(
            f"| UAR of a linear model | {of_score(Score(findings.baseline.uar, low, high))} |"
        )
    rows.append(f"| UAR of a guess | {findings.chance:.3f} | |")
    recall = ", ".join(f"{plain(name)} {value:.2f}" for name, value in findings.recall.items())
    told = [
        f"{findings.sentence()} {findings.against_chance()}",
        "\n".join(rows),
        f"Intervals are {scope(len(findings.speakers))}.",
        f"Recall by class: {recall}.",
    ]
    if findings.others:
        lines = "\n".join(f"- {plain(line.strip())}" for line in other_lines(findings.others))
        told.append(f"On corpora that had no part in training:\n\n{lines}")
    return "\n\n".join(told)


def _speakers(findings: Findings) -> str:
    rows = ["| speaker | clips | UAR | accuracy |", "|---|---|---|---|"]
    rows += [
        f"| {speaker} | {of.clips:.0f} | {of.uar:.3f} | {of.accuracy:.3f} |"
        for speaker, of in findings.speakers.items()
    ]
    return "\n".join(rows)


def _groups(findings: Findings) -> str:
    if not findings.groups:
        return "The corpus knows no groups, so nothing was measured."
    rows = ["| group | clips | speakers | UAR | 95% interval |", "|---|---|---|---|---|"]
    rows += [
        f"| {plain(division)}: {plain(group)} | {of.clips} | {of.speakers} | {of.uar:.3f} | "
        f"{of.low:.3f} to {of.high:.3f}{'' if of.over_speakers else ' (over clips)'} |"
        for division, group, of in each_group(findings.groups)
    ]
    return "\n".join(rows)


def _calibration(findings: Findings) -> str:
    lines = [f"- {line}" for line in findings.sureness]
    return "\n".join(lines) or "Not measured."
