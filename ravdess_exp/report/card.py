"""The card of a model: Markdown with the YAML head that model hubs read. It states what is known, no more."""

import math
from collections.abc import Mapping, Sequence

import yaml

from ravdess_exp.corpus.named import TERMS
from ravdess_exp.corpus.split import SETS
from ravdess_exp.features.encoders import EncoderFacts
from ravdess_exp.predict.facts import Facts
from ravdess_exp.report.card_words import (
    ACTED,
    DEMO_DATA,
    OTHER_DATA,
    RAVDESS_DATA,
    REENACTED_DATA,
    USES,
)
from ravdess_exp.report.description import plain
from ravdess_exp.report.findings import Findings
from ravdess_exp.report.other_text import other_lines
from ravdess_exp.scoring.groups import each_group
from ravdess_exp.scoring.intervals import scope
from ravdess_exp.scoring.study_scores import Score

_LICENCES = {"ravdess": "cc-by-nc-sa-4.0", "demo": "mit", "demo_table": "mit"} | {
    name: terms.hub for name, terms in TERMS.items() if terms.hub
}  # ids of hubs, of the weights
_TASKS = {"audio": "audio-classification", "video": "video-classification"}
_LANGUAGE = {"ravdess": "en"} | {name: terms.language for name, terms in TERMS.items()}
_MEASURES = (("uar", "recall", "UAR (mean recall)"), ("accuracy", "accuracy", "accuracy"),
             ("macro_f1", "f1", "macro F1"))  # fmt: skip


def card_text(
    findings: Findings, facts: Facts, *, modality: str, encoders: Sequence[EncoderFacts] = ()
) -> str:
    """The whole card. facts: of the bundle; modality: both, audio or video; encoders: frozen ones."""
    parts = [
        f"---\n{_head(findings, facts, modality)}---\n\n# {plain(facts.name)}",
        _intention(findings, modality),
        _section("What it may be used for", USES),
        _section("What it must not be used for", ACTED),
        _section("Data", _data(findings, facts)),
        _section("How it was scored", _protocol(findings, facts)),
        _section("Scores", _scores(findings)),
        _section("By speaker", _speakers(findings)),
        _section("By group", _groups(findings)),
        _section("Are its probabilities right?", _calibration(findings)),
        _section("Frozen encoders in it", _encoders(encoders)),
        _section("Licences", _lines(facts.licences)),
        _section("What it cost", _cost(findings)),
        _section("How to do it again", _again(facts)),
    ]
    return "\n\n".join(parts) + "\n"


def _head(findings: Findings, facts: Facts, modality: str) -> str:
    """YAML: the fields of Hugging Face's model cards (hub-docs, modelcard.md)."""
    corpus = findings.corpus
    licence = _LICENCES.get(corpus)
    head = {"license": licence or "other"}
    if licence is None:
        head["license_name"] = "that-of-the-corpus"
    head |= {"language": _LANGUAGE[corpus]} if corpus in _LANGUAGE else {}
    head |= {
        "library_name": "keras",
        "pipeline_tag": _TASKS.get(modality, _TASKS["video"]),
        "tags": [
            "emotion-recognition",
            "ravdess_exp",
            *(["speech"] if modality != "video" else []),
        ],
        "metrics": [metric for _, metric, _ in _MEASURES],
        "model-index": [
            {"name": " ".join(facts.name.split()), "results": [_result(findings, modality)]}
        ],
    }
    return yaml.safe_dump(head, sort_keys=False, allow_unicode=True)


def _result(findings: Findings, modality: str) -> dict:
    task = _TASKS.get(modality, _TASKS["video"])
    return {
        "task": {"type": task, "name": "Emotion recognition of acted recordings"},
        "dataset": {"type": findings.corpus or "unknown", "name": dataset_name(findings)},
        "metrics": [
            {"type": metric, "name": title, "value": round(getattr(findings, name).value, 4)}
            for name, metric, title in _MEASURES
        ],
    }


def dataset_name(findings: Findings) -> str:
    """What the clips are, in a few words."""
    if findings.reenacted:
        return "clips re-enacted after RAVDESS (not RAVDESS)"
    names = {"ravdess": "RAVDESS", "demo": "ravdess_exp demo (generated, no people)"}
    names |= {"demo_table": "ravdess_exp's second demo (generated, no people)"}
    names |= {"several": "several corpora together"}
    return names.get(findings.corpus, findings.corpus or "not known")


def _section(title: str, text: str) -> str:
    return f"## {title}\n\n{text}"


def _intention(findings: Findings, modality: str) -> str:
    through = {"audio": "its sound", "video": "its picture"}.get(modality, "its sound and picture")
    classes = ", ".join(plain(name) for name in findings.classes)
    lines = [f"Names the acted emotion of a short recording by {through}: {classes}."]
    lines += [f"**{sentence}**" for sentence in findings.cautions()]
    return "\n\n".join(lines)


def _data(findings: Findings, facts: Facts) -> str:
    known = {"ravdess": RAVDESS_DATA, "demo": DEMO_DATA, "demo_table": DEMO_DATA}
    told = REENACTED_DATA if findings.reenacted else known.get(findings.corpus, OTHER_DATA)
    rows = [
        f"| {name} | {len(getattr(facts, name))} | {len(facts.speakers[name])} | "
        f"{', '.join(map(plain, facts.speakers[name]))} |"
        for name in SETS
    ]
    table = "\n".join(["| set | clips | speakers | which |", "|---|---|---|---|", *rows])
    several = "\n\nOf several models together: what is validation or test to one trains another."
    return f"{told}\n\n{table}{several if findings.runs > 1 else ''}"


def _protocol(findings: Findings, facts: Facts) -> str:
    if findings.runs == 1:
        how = "One model: trained on some speakers, chosen by others, scored once on the test speakers."
    else:
        how = (
            f"{findings.runs} models of the same recipe, one a fold and seed. Each was scored once, on "
            "speakers that it had not met; the scores are of all those predictions together. This "
            "bundle averages the probabilities of all of them: that average itself was not scored."
        )
    if findings.leaky:
        how = "Training and test share speakers, so the scores say nothing of other people."
    split = str(findings.settings.get("split._target_") or "").rpartition(".")[2]
    return how + (f" Split: `{split}`." if split else "")


def _scores(findings: Findings) -> str:
    rows = ["| measure | value | 95% interval |", "|---|---|---|"]
    rows += [
        f"| {title} | {_of(getattr(findings, name))} |"
        for name, _, title in _MEASURES
    ]  # fmt: skip
    rows += [f"| UAR of {what} alone | {_of(score)} |" for what, score in findings.branches.items()]
    if findings.baseline:
        low, high = findings.baseline.uar_low, findings.baseline.uar_high
        rows.append(f"| UAR of a linear model | {_of(Score(findings.baseline.uar, low, high))} |")
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


def _of(score: Score) -> str:
    known = not math.isnan(score.low)
    return f"{score.value:.3f} | " + (
        f"{score.low:.3f} to {score.high:.3f}" if known else "not computed"
    )


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


def _encoders(encoders: Sequence[EncoderFacts]) -> str:
    if not encoders:
        return "None: every weight was learned from the clips above."
    return "\n".join(
        f"- {plain(of.name)}: licence {plain(of.licence or 'not stated')}; trained on "
        f"{plain(of.trained_on or 'not stated')}"
        + ("; **it saw RAVDESS**" if of.saw_ravdess else "")
        for of in encoders
    )


def _lines(values: Mapping[str, str]) -> str:
    return "\n".join(f"- {plain(name)}: {plain(value)}" for name, value in values.items())


def _cost(findings: Findings) -> str:
    stages = ", ".join(f"{stage} {seconds:.0f} s" for stage, seconds in findings.seconds.items())
    return f"{findings.parameters:,} parameters a model. Time: {stages}. Energy was not measured."


def _again(facts: Facts) -> str:
    fence = "`" * max(3, _longest_run(facts.command) + 1)
    versions = ", ".join(f"{name} {version}" for name, version in facts.versions.items())
    return f"{fence}\n{facts.command}\n{fence}\n\nMade {facts.created} with {versions}."


def _longest_run(text: str) -> int:
    """Of backticks, which would end a block of code."""
    return max(
        (len(part) for part in "".join(c if c == "`" else " " for c in text).split()), default=0
    )
