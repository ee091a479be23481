"""The parts of a model card that do not depend on what the model tells."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import yaml

from ravdess_exp.corpus.facts import CorpusFacts
from ravdess_exp.corpus.split import SETS
from ravdess_exp.features.encoders import EncoderFacts
from ravdess_exp.predict.facts import Facts
from ravdess_exp.report.description import plain
from ravdess_exp.report.protocol import course
from ravdess_exp.scoring.study_scores import Score

_TASKS = {"audio": "audio-classification", "video": "video-classification"}


class Found(Protocol):
    """What is common to the findings of classes and of numbers; see `report.findings`."""

    corpus: str
    facts: CorpusFacts
    runs: int
    leaky: bool
    parameters: int
    seconds: Mapping[str, float]
    settings: Mapping[str, object]


def head_text(
    findings: Found, facts: Facts, modality: str, measures: Sequence[Mapping], task: str
) -> str:
    """YAML: the fields of Hugging Face's model cards (hub-docs, modelcard.md).

    measures: type, name and value of each; task: its name for people.
    """
    corpus = findings.corpus
    known = findings.facts
    head: dict[str, Any] = {"license": known.hub or "other"}
    if known.hub is None:
        head["license_name"] = "that-of-the-corpus"
    head |= {"language": known.language} if known.language else {}
    kind = _TASKS.get(modality, _TASKS["video"])
    result = {
        "task": {"type": kind, "name": task},
        "dataset": {"type": corpus or "unknown", "name": dataset_name(findings)},
        "metrics": list(measures),
    }
    head |= {
        "library_name": "keras",
        "pipeline_tag": kind,
        "tags": [
            "emotion-recognition",
            "ravdess_exp",
            *(["speech"] if modality != "video" else []),
        ],
        "metrics": list(dict.fromkeys(measure["type"] for measure in measures)),
        "model-index": [{"name": " ".join(facts.name.split()), "results": [result]}],
    }
    return yaml.safe_dump(head, sort_keys=False, allow_unicode=True)


def through(modality: str) -> str:
    """What a model goes by."""
    return {"audio": "its sound", "video": "its picture"}.get(modality, "its sound and picture")


def section(title: str, text: str) -> str:
    """A heading and what stands under it."""
    return f"## {title}\n\n{text}"


def dataset_name(findings: Found) -> str:
    """What the clips are, in a few words."""
    return findings.facts.title


def data_section(findings: Found, facts: Facts) -> str:
    """The clips, and who is in which set."""
    told = findings.facts.about
    rows = [
        f"| {name} | {len(getattr(facts, name))} | {len(facts.speakers[name])} | "
        f"{', '.join(map(plain, facts.speakers[name]))} |"
        for name in SETS
    ]
    table = "\n".join(["| set | clips | speakers | which |", "|---|---|---|---|", *rows])
    several = "\n\nOf several models together: what is validation or test to one trains another."
    return section("Data", f"{told}\n\n{table}{several if findings.runs > 1 else ''}")


def protocol_section(findings: Found, facts: Facts, together: str) -> str:
    """How it was scored. together: what the models of a study do as one."""
    if findings.runs == 1:
        how = course(findings.settings)
    else:
        how = (
            f"{findings.runs} models of the same recipe, one a fold and seed. Each was scored once, on "
            "speakers that it had not met; the scores are of all those predictions together. This "
            f"bundle {together}: that average itself was not scored."
        )
    if findings.leaky:
        how = "Training and test share speakers, so the scores say nothing of other people."
    split = str(findings.settings.get("split._target_") or "").rpartition(".")[2]
    return section("How it was scored", how + (f" Split: `{split}`." if split else ""))


def of_score(score: Score) -> str:
    """Two cells of a table."""
    known = not math.isnan(score.low)
    return f"{score.value:.3f} | " + (
        f"{score.low:.3f} to {score.high:.3f}" if known else "not computed"
    )


def encoders_section(encoders: Sequence[EncoderFacts]) -> str:
    """Networks that were not trained here."""
    title = "Frozen encoders in it"
    if not encoders:
        return section(title, "None: every weight was learned from the clips above.")
    rows = (
        f"- {plain(of.name)}: licence {plain(of.licence or 'not stated')}; trained on "
        f"{plain(of.trained_on or 'not stated')}"
        + ("; **it saw RAVDESS**" if of.saw_ravdess else "")
        for of in encoders
    )
    return section(title, "\n".join(rows))


def licence_section(facts: Facts) -> str:
    """Of each part."""
    lines = (f"- {plain(name)}: {plain(value)}" for name, value in facts.licences.items())
    return section("Licences", "\n".join(lines))


def cost_section(findings: Found) -> str:
    """Parameters and time."""
    stages = ", ".join(f"{stage} {seconds:.0f} s" for stage, seconds in findings.seconds.items())
    told = f"{findings.parameters:,} parameters a model. Time: {stages}. Energy was not measured."
    return section("What it cost", told)


def again_section(facts: Facts) -> str:
    """The command, and the versions."""
    fence = "`" * max(3, _longest_run(facts.command) + 1)
    versions = ", ".join(f"{name} {version}" for name, version in facts.versions.items())
    told = f"{fence}\n{facts.command}\n{fence}\n\nMade {facts.created} with {versions}."
    return section("How to do it again", told)


def _longest_run(text: str) -> int:
    """Of backticks, which would end a block of code."""
    return max(
        (len(part) for part in "".join(c if c == "`" else " " for c in text).split()), default=0
    )
