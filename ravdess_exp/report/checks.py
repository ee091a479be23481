"""Sanity checks of a result: which were run, with what came of them, and which were not."""

from dataclasses import dataclass

import pandas as pd

from ravdess_exp.report.reading import Finished
from ravdess_exp.scoring.intervals import ENOUGH_SPEAKERS


@dataclass(frozen=True)
class Check:
    """outcome: `passed`, `failed`, `run` or `not run`; told: what was found, or how to run it."""

    name: str
    outcome: str
    told: str


def checks_of(finished: Finished) -> list[Check]:
    """Those that the folder lets anybody repeat come first."""
    findings, settings = finished.findings, finished.findings.settings
    splits = finished.splits()
    speakers = len(findings.speakers)
    return [
        _apart(splits, "actor", "No speaker is in training and in test"),
        _apart(splits, "sha256", "No file of test is in training under another name"),
        Check(
            "Score above chance",
            "passed" if findings.overall.low > findings.chance else "failed",
            findings.against_chance(),
        ),
        Check(
            f"At least {ENOUGH_SPEAKERS} test speakers",
            "passed" if speakers >= ENOUGH_SPEAKERS else "failed",
            f"{speakers}; of fewer, the interval speaks of other clips of them alone"
            if speakers < ENOUGH_SPEAKERS
            else f"{speakers}: the interval is over speakers",
        ),
        _done(findings.seeds_done > 1, "Several seeds", f"{findings.seeds_done}", "seeds=[0,1,2]"),
        _done(
            findings.baseline_sentence is not None,
            "A linear model on the same inputs",
            findings.baseline_sentence or "",
            "evaluation.baseline=true",
        ),
        _done(
            findings.shuffled,
            "Labels shuffled: only chance may be left",
            "this very result is of shuffled labels",
            "experiment=shuffled_labels",
        ),
        _done(
            bool(settings.get("data.plant_leak")),
            "A leak planted on purpose: it must show",
            "this very result has one",
            "experiment=planted_leak",
        ),
        _done(
            bool(finished.conditions),
            "Noise, and a missing sound or picture",
            ", ".join(f"{name} {score:.3f}" for name, score in finished.conditions.items()),
            "evaluation=robust",
        ),
    ]


def _done(done: bool, name: str, told: str, setting: str) -> Check:
    if done:
        return Check(name, "run", told)
    return Check(name, "not run", f"to run it, add {setting} to the command")


def _apart(splits: list[pd.DataFrame], column: str, name: str) -> Check:
    """Looked at now, in split.csv of every run."""
    if not splits or any(column not in table for table in splits):
        return Check(name, "not run", "the folder does not say which clips were in which set")
    for table in splits:
        used = table[table["used"].astype(str) == "True"]
        sets = {of: set(rows[column]) - {""} for of, rows in used.groupby("set")}
        common = sets.get("train", set()) & sets.get("test", set())
        if common:
            shown = ", ".join(sorted(map(str, common))[:3])
            return Check(name, "failed", f"{len(common)} are, such as {shown}")
    runs = "one run" if len(splits) == 1 else f"{len(splits)} runs"
    return Check(name, "passed", f"looked at in split.csv of {runs}")
