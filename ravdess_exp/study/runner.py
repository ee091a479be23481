"""Runs what is unfinished of each study, and writes down what all of it says together."""

import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from statistics import fmean

from ravdess_exp.config.schema import LeakyKFold
from ravdess_exp.corpus.split import LEAKY
from ravdess_exp.errors import StudyError
from ravdess_exp.files import alone
from ravdess_exp.report.study_text import study_report
from ravdess_exp.study.bundle import save_study_bundle
from ravdess_exp.study.study import FAILURE, Member, Study
from ravdess_exp.study.summary import flat, predictions, summarise
from ravdess_exp.terminal import quiet_stderr

Launch = Callable[[Sequence[Sequence[str]]], Sequence]  # overrides of jobs -> Hydra's JobReturns


def run_plain(studies: Sequence[Study], launch: Launch) -> list[dict[str, float]]:
    """Single runs, all at once; returns the metrics of each, empty where it failed."""
    members = [member for study in studies for member in study.members]
    todo = [m for study in studies for m in study.unfinished()]
    _say_what_is_there(len(members) - len(todo), len(members), "runs")
    run_members(todo, launch)
    paths = [member.folder / "metrics.json" for member in members]
    return [json.loads(path.read_text()) if path.exists() else {} for path in paths]


def run_study(
    study: Study,
    launch: Launch,
    *,
    at_once: int | None = None,
    stop: Callable[[list[float]], bool] | None = None,
    parent: str | None = None,
) -> dict:
    """Go on with a study where it stands, and summarise it. Returns the summary.

    at_once: how many of its runs are launched together; None: all. stop: asked after each such
    batch, with the validation UAR of every finished run, whether to give the study up. parent: run
    in MLflow that the study's own belongs under. Raises `StudyError` where a run failed.
    """
    with alone(study.folder):
        return _run_study_alone(study, launch, at_once, stop, parent)


def _run_study_alone(
    study: Study, launch: Launch, at_once: int | None, stop: Callable | None, parent: str | None
) -> dict:
    with quiet_stderr():
        from ravdess_exp.run.provenance import run_tags
        from ravdess_exp.tracking.run import tracked
    if isinstance(study.config.split, LeakyKFold):
        print(LEAKY)
    tags = run_tags(study.config, folder=study.folder, overrides=study.overrides)
    tags |= {"study": "parent"} | ({"mlflow.parentRunId": parent} if parent else {})
    params = study.config.flat()
    with tracked(
        study.config.tracking, folder=study.folder, params=params, tags=tags, resume=True
    ) as tracker:
        try:
            given_up = _run_unfinished(study, launch, tracker.run_id, at_once, stop)
        finally:  # also when it is interrupted: what there is can be read
            summary = write_summary(study)
        log_summary(tracker, summary)
        if not summary["complete"] and not given_up:
            print(study_report(summary, study.folder, tracker.page))
            raise StudyError(_incomplete(summary, study.folder))
        if summary["complete"]:
            lacking = save_study_bundle(
                study.folder,
                {member.label: member.folder for member in study.members},
                name=study.config.name,
                command=summary["command"],
                metrics=flat(summary),
            )
            if lacking:
                print(lacking)
        tracker.results(flat(summary))
    print(study_report(summary, study.folder, tracker.page))
    return summary | {"given_up": given_up}


def log_summary(tracker, summary: dict) -> None:
    """What each fold of a study gave, mean over seeds, as a series by actor or fold."""
    runs = summary.get("per_fold", {}).values()
    for name in ("test_uar", "val_uar", "seconds", "memory_mb"):
        of_fold = {fold: [r[name] for r in runs if r["fold"] == fold] for fold in _folds(runs)}
        tracker.series(f"fold/{name}", {fold: fmean(values) for fold, values in of_fold.items()})


def _folds(runs: Iterable[dict]) -> list[int]:
    return sorted({run["fold"] for run in runs})


def _run_unfinished(
    study: Study, launch: Launch, run_id: str | None, at_once: int | None, stop: Callable | None
) -> bool:
    """Whether the study was given up."""
    todo = study.unfinished()
    _say_what_is_there(len(study.members) - len(todo), len(study.members), "runs")
    under = [f"tracking.parent={run_id}"] if run_id else []
    if len(todo) > 1:
        _prepare(study, launch)
    size = at_once or max(1, len(todo))
    for start in range(0, len(todo), size):
        scores = validation_scores(study) if start and stop else []
        if scores and stop(scores):  # none where every run has failed so far
            return True
        run_members(todo[start : start + size], launch, under)
    return False


def validation_scores(study: Study) -> list[float]:
    """Validation UAR of each finished run."""
    paths = [member.folder / "metrics.json" for member in study.members]
    return [json.loads(path.read_text())["val/uar"] for path in paths if path.exists()]


def run_members(members: Sequence[Member], launch: Launch, extra: Sequence[str] = ()) -> None:
    """Run them; one that fails leaves its reason in its folder and stops no other.

    Where a worker process is killed, joblib gives up all that it had been given: those runs are done
    one by one. Any other launcher that breaks down may have runs at work elsewhere, which must not be
    done twice at once, so it ends the command with a `StudyError`.
    """
    for member in members:
        for name in (FAILURE, "metrics.json"):  # of an earlier attempt
            (member.folder / name).unlink(missing_ok=True)
    if not members:
        return
    try:
        launch([[*member.overrides, *extra] for member in members])
        return
    except BrokenProcessPool as error:
        print(f"a worker process was killed ({_line(error)}); the unfinished runs go on one by one")
    except Exception as error:
        raise StudyError(
            f"the launcher broke down ({_line(error)}). Runs that it started elsewhere may still be at "
            "work: when they have ended, the same command does the rest"
        ) from error
    for member in members:
        if _ended(member):
            continue
        try:
            launch([[*member.overrides, *extra]])
        except BrokenProcessPool as error:
            member.folder.mkdir(parents=True, exist_ok=True)
            (member.folder / FAILURE).write_text(f"its process was killed: {_line(error)}\n")


def write_summary(study: Study) -> dict:
    """summary.json, metrics.json, predictions.csv and the pooled figures, from what is finished."""
    done = {m.label for m in study.members if (m.folder / "metrics.json").exists()}
    table = predictions(study)
    summary = summarise(study, table, done)
    if done:
        from ravdess_exp.report import figures

        table.to_csv(study.folder / "predictions.csv", index=False)
        figures.pooled_confusion(summary, study.folder / "confusion_matrix.png")
        figures.actors(summary, study.folder / "actors.png")
    _write(study.folder / "metrics.json", flat(summary))
    _write(study.folder / "summary.json", summary)
    return summary


def _prepare(study: Study, launch: Launch) -> None:
    """Once for all folds, whoever runs them; what fails here would fail in each of them."""
    where = study.members[0].folder.parent / "prepare"
    subdir = study.members[0].overrides[-1].rpartition("/")[0]
    subdir = f"{subdir}/prepare" if subdir else "hydra.sweep.subdir=prepare"
    (where / FAILURE).unlink(missing_ok=True)
    for job in launch([[*study.overrides, "task=prepare", subdir]]):
        _ = job.return_value  # raises what the job raised


def _ended(member: Member) -> bool:
    return any((member.folder / name).exists() for name in ("metrics.json", FAILURE))


def _incomplete(summary: dict, folder: Path) -> str:
    reasons = "; ".join(f"{label}: {reason}" for label, reason in summary["missing"].items())
    return (
        f"{len(summary['missing'])} of {summary['folds']} runs are missing ({reasons[:2000]}). The "
        f"same command with hydra.sweep.dir={folder} does only these"
    )


def _say_what_is_there(done: int, count: int, noun: str) -> None:
    if done:
        print(f"{done} of {count} {noun} are there already; {count - done} to do")


def _write(path: Path, content: dict) -> None:
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(json.dumps(content, indent=1))
    unfinished.replace(path)


def _line(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error) else ''}"
