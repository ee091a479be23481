"""Sanity checks of a result: which were run, with what came of them, and which were not."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ravdess_exp.command import assignment, command_line
from ravdess_exp.places import RUN_FOLDER, SWEEP_FOLDER, key_of
from ravdess_exp.report.beside import PLANTED, SHUFFLED, SanityRun, sanity_runs
from ravdess_exp.report.reading import Finished
from ravdess_exp.scoring.intervals import ENOUGH_SPEAKERS

_TWICE = "_oracle"  # ends the name of a condition whose noise came behind the preparation


@dataclass(frozen=True)
class Check:
    """outcome: `passed`, `failed`, `run` or `not run`; told: what was found, or how to run it.

    command: what runs it, whole; None where it was run, or the folder does not say its own command.
    """

    name: str
    outcome: str
    told: str
    command: str | None = None


def checks_of(finished: Finished, others: Sequence[Finished] = ()) -> list[Check]:
    """Those that the folder lets anybody repeat come first. others: named beside it."""
    findings = finished.findings
    splits = finished.splits()
    beside = sanity_runs(finished, others)
    return [
        _apart(splits, "actor", "No speaker is in training and in test"),
        _apart(splits, "sha256", "No file of test is in training under another name"),
        Check(
            "Score above chance",
            "passed" if findings.overall.low > findings.chance else "failed",
            findings.against_chance(),
        ),
        _enough_speakers(len(findings.speakers)),
        _done(
            finished, findings.seeds_done > 1, "Several seeds", f"{findings.seeds_done}", "seeds=[0,1,2]"
        ),
        _done(
            finished,
            findings.baseline_sentence is not None,
            "A linear model on the same inputs",
            findings.baseline_sentence or "",
            "evaluation.baseline=true",
        ),
        _sanity(finished, beside, SHUFFLED, "Labels shuffled: only chance may be left"),
        _sanity(finished, beside, PLANTED, "A leak planted on purpose: it must show"),
        _done(
            finished,
            bool(finished.conditions),
            "Noise, and a missing sound or picture",
            "; ".join(_condition(name, findings.title, score)
                      for name, score in finished.conditions.items() if not name.endswith(_TWICE)),
            "evaluation=robust",
        ),
    ]  # fmt: skip


def _enough_speakers(count: int) -> Check:
    name = f"At least {ENOUGH_SPEAKERS} test speakers"
    if count >= ENOUGH_SPEAKERS:
        return Check(name, "passed", f"{count}: the interval is over speakers")
    told = f"{count}; of fewer, the interval speaks of other clips of them alone"
    return Check(name, "failed", told)


def _condition(name: str, title: str, score: float) -> str:
    return f"{name.replace('_', ' ')}: {title} {score:.3f}"


def _sanity(finished: Finished, beside: Sequence[SanityRun], kind: str, name: str) -> Check:
    """Of a check that is a run of its own."""
    if finished.findings.settings.get(kind):
        return Check(name, "run", "this very result is of it")
    runs = [run for run in beside if run.kind == kind]
    if runs:
        outcome = "passed" if all(run.passed for run in runs) else "failed"
        return Check(name, outcome, "; ".join(run.sentence() for run in runs))
    experiment = {SHUFFLED: "shuffled_labels", PLANTED: "planted_leak"}[kind]
    command = _command(finished, f"experiment={experiment}", experiment, same_model=False)
    told = f"experiment={experiment}, a study of its own on the same clips"
    return Check(name, "not run", told, command)


def _done(finished: Finished, done: bool, name: str, told: str, setting: str) -> Check:
    if done:
        return Check(name, "run", told)
    command = _command(finished, setting, key_of(setting).rpartition(".")[2], same_model=True)
    return Check(name, "not run", f"with {setting}", command)


def _command(finished: Finished, setting: str, name: str, *, same_model: bool) -> str | None:
    """The result's own command with a setting, into a folder beside it.

    same_model: or else a recipe of its own, which takes nothing but the clips from that command.
    """
    if finished.command is None:
        return None
    program, *words = shlex.split(finished.command)
    keys = {RUN_FOLDER, SWEEP_FOLDER, key_of(setting)}
    words = [word for word in words if key_of(word) not in keys]
    if not same_model:
        words = _of_clips(words)
    several = (
        finished.is_study or "--multirun" in words
    )  # of a study's run: the whole study's command
    is_study = not same_model or several or setting.startswith("seeds=")
    place = assignment(SWEEP_FOLDER if is_study else RUN_FOLDER, f"{finished.place}_{name}")
    return command_line(program, *words, setting, place)


def _of_clips(words: Sequence[str]) -> list[str]:
    """The words of a command that say which clips there are, and where own YAML files lie."""
    kept, options = [], ("--config-dir",)
    for last, word in zip(("", *words), words, strict=False):
        about_clips = key_of(word).split(".")[0] == "data" and key_of(word) not in (
            SHUFFLED,
            PLANTED,
        )
        if about_clips or word in options or last in options:
            kept.append(word)
    return kept


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
