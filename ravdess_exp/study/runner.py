"""Runs what is unfinished of each study, and writes down what all of it found together."""

import io
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import redirect_stderr, suppress

from hydra.core.utils import JobReturn

from ravdess_exp.again import study_again
from ravdess_exp.config.encoders import saw_ravdess
from ravdess_exp.corpus.selection import list_word
from ravdess_exp.corpus.split import LEAKY
from ravdess_exp.errors import OutputError, RavdessError, StudyError
from ravdess_exp.features.encoders import SAW_RAVDESS
from ravdess_exp.folder import FAILURE, REPORT, RunFolder
from ravdess_exp.report.cautions import DEMOS
from ravdess_exp.report.crossed_text import crossed_description, crossed_text
from ravdess_exp.report.study import AnyStudy, description_of, findings_of, text_of
from ravdess_exp.scoring.crossed_result import CrossedResult
from ravdess_exp.scoring.headline import headline
from ravdess_exp.study.bundle import save_study_bundle
from ravdess_exp.study.crossed import write_crossed
from ravdess_exp.study.study import Member, Study
from ravdess_exp.study.summary import write_summary
from ravdess_exp.terminal import quiet_stderr

Launch = Callable[[Sequence[Sequence[str]]], Sequence]  # overrides of jobs -> Hydra's JobReturns


def run_plain(studies: Sequence[Study], launch: Launch) -> list[dict[str, float]]:
    """Single runs, all at once; returns the metrics of each, empty where it failed."""
    members = [member for study in studies for member in study.members]
    unfinished = [member for study in studies for member in study.unfinished()]
    _print_progress(len(members) - len(unfinished), len(members))
    run_members(unfinished, launch)
    folders = [RunFolder(member.folder) for member in members]
    return [folder.metrics() if folder.finished else {} for folder in folders]


def run_study(
    study: Study,
    launch: Launch,
    *,
    at_once: int | None = None,
    stop: Callable[[list[float]], bool] | None = None,
    parent: str | None = None,
) -> AnyStudy:
    """Go on with a study where it stands, and summarise it.

    at_once: how many of its runs are launched together; None: all. stop: asked after each such
    batch, with the validation UAR of every finished run, whether to give the study up. parent: run
    in MLflow that the study's own belongs under. Raises `StudyError` where a run failed.
    """
    with RunFolder(study.folder).locked():
        return _run_study_locked(study, launch, at_once, stop, parent)


def _run_study_locked(
    study: Study, launch: Launch, at_once: int | None, stop: Callable | None, parent: str | None
) -> AnyStudy:
    with quiet_stderr():
        from ravdess_exp.run.provenance import placed_settings, run_tags, tracking_settings
        from ravdess_exp.tracking.run import tracked
    reasons = study.reasons_to_run()  # refuses a study of other settings before it is touched
    if study.config.is_leaky:
        print(LEAKY)
    if saw_ravdess(study.config):
        print(SAW_RAVDESS)
    tags = run_tags(study.config, folder=study.folder, overrides=study.overrides)
    tags |= {"study": "parent"} | ({"mlflow.parentRunId": parent} if parent else {})
    params = study.config.flat()
    with tracked(
        tracking_settings(study.config), folder=study.folder, params=params, tags=tags, resume=True
    ) as tracker:
        given_up = False
        try:
            given_up = _run_unfinished(study, reasons, launch, tracker.run_id, at_once, stop)
        finally:  # also when it is interrupted: what there is can be read
            write = write_crossed if study.config.is_crossed else write_summary
            result = write(study, given_up=given_up)
        for name, values in result.series().items():
            tracker.series(name, values)
        if not result.complete and not result.given_up:
            print(_text(result, study, tracker.page))
            raise StudyError(
                f"{result.why_incomplete()}. This command does only these: "
                + study_again(study.overrides, placed_settings(study.config), study.folder)
            )
        if isinstance(result, CrossedResult):
            tracker.describe(crossed_description(result))
        elif result.complete and (lacking := _save_bundle(study, result)):
            print(lacking)
        if not isinstance(result, CrossedResult) and result.scores:
            demo = study.config.data.source in DEMOS
            tracker.describe(description_of(result, demo=demo))
            _write_report(study)
        tracker.results(result.metrics())
    print(_text(result, study, tracker.page))
    return result


def _text(result: AnyStudy | CrossedResult, study: Study, page: str | None) -> str:
    if isinstance(result, CrossedResult):
        return crossed_text(result, study.folder, page)
    return text_of(result, study.folder, page)


def _save_bundle(study: Study, result: AnyStudy) -> str | None:
    """Write the study's models as one; returns a sentence where a run has none."""
    return save_study_bundle(
        study.folder,
        {member.label: member.folder for member in study.members},
        name=study.config.name,
        command=result.command,
        metrics=result.metrics(),
        findings=findings_of(result, study.config.flat()),
    )


def _write_report(study: Study) -> None:
    """report.html; a study is not lost where that cannot be made."""
    from ravdess_exp.report.page import write_report

    try:
        write_report([study.folder], study.folder / REPORT)
    except RavdessError as error:
        print(f"no {REPORT}: {error}")


def _run_unfinished(
    study: Study,
    reasons: Mapping[str, str],
    launch: Launch,
    run_id: str | None,
    at_once: int | None,
    stop: Callable | None,
) -> bool:
    """Run what is not finished; returns whether the study was given up.

    reasons: why a run is to be done, by label.
    """
    unfinished = [member for member in study.members if member.label in reasons]
    _print_progress(len(study.members) - len(unfinished), len(study.members))
    for member in unfinished:
        if RunFolder(member.folder).finished:
            print(f"{member.label} is done again: {reasons[member.label]}")
    under = [f"tracking.parent={run_id}"] if run_id else []
    if len(unfinished) > 1:
        _prepare(study, launch)
    size = at_once or max(1, len(unfinished))
    for start in range(0, len(unfinished), size):
        scores = validation_scores(study) if start and stop else []
        if scores and stop(scores):  # none where every run has failed so far
            return True
        run_members(unfinished[start : start + size], launch, under)
    return False


def validation_scores(study: Study) -> list[float]:
    """The validation score of each finished run."""
    found = [RunFolder(member.folder).metrics() for member in study.done()]
    return [metrics[headline(metrics).validation] for metrics in found]


def run_members(members: Sequence[Member], launch: Launch, extra: Sequence[str] = ()) -> None:
    """Run them; one that fails leaves its reason in its folder and stops no other.

    Where a worker process is killed, joblib gives up all that it had been given: those runs are done
    one by one. Any other launcher that breaks down may have runs at work elsewhere, which must not be
    done twice at once, so it ends the command with a `StudyError`.
    """
    for member in members:
        _forget_earlier_attempt(RunFolder(member.folder))
    if not members:
        return
    try:
        jobs = launch([[*member.overrides, *extra] for member in members])
        _print_refusals(members, jobs or ())
        return
    except BrokenProcessPool as error:
        print(f"a worker process was killed ({_line(error)}); the unfinished runs go on one by one")
    except Exception as error:
        raise StudyError(
            f"the launcher broke down ({_line(error)}). Runs that it started elsewhere may still be at "
            "work: when they have ended, the same command does the rest"
        ) from error
    for member in members:
        if RunFolder(member.folder).ended:
            continue
        try:
            launch([[*member.overrides, *extra]])
        except BrokenProcessPool as error:
            member.folder.mkdir(parents=True, exist_ok=True)
            (member.folder / FAILURE).write_text(f"its process was killed: {_line(error)}\n")


def _print_refusals(members: Sequence[Member], jobs: Sequence[JobReturn]) -> None:
    """Print why a run ended before it could write that down in its folder."""
    for member, job in zip(members, jobs, strict=False):
        try:
            _raise_failure(job)
        except Exception as error:
            if not RunFolder(member.folder).ended:
                print(f"{member.label}: {_line(error)}")


def _forget_earlier_attempt(folder: RunFolder) -> None:
    """Remove the signs that a run has ended; not where another process is at work on it."""
    if folder.path.exists():
        with suppress(OutputError), folder.locked():
            folder.forget_end()


def _prepare(study: Study, launch: Launch) -> None:
    """Once for all folds, whoever runs them; what fails here would fail in each of them."""
    where = study.members[0].folder.parent / "prepare"
    subdir = study.members[0].overrides[-1].rpartition("/")[0]
    subdir = f"{subdir}/prepare" if subdir else "hydra.sweep.subdir=prepare"
    (where / FAILURE).unlink(missing_ok=True)
    # `task` says what is learned, too, where no other key does
    numbers = [list_word("data.targets", study.config.numbers)] if study.config.numbers else []
    for job in launch([[*study.overrides, "task=prepare", *numbers, subdir]]):
        _raise_failure(job)


def _raise_failure(job: JobReturn) -> None:
    """Raise what a job raised, without the line that Hydra prints over each such question."""
    with redirect_stderr(io.StringIO()):
        _ = job.return_value


def _print_progress(done: int, count: int) -> None:
    if done:
        print(f"{done} of {count} runs are there already; {count - done} to do")


def _line(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error) else ''}"
