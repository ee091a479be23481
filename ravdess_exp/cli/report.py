"""`ravdess-exp report RUN...`: one HTML file that tells what a run or a study found, and compares several."""

import argparse
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ravdess_exp.errors import InstallationError, OutputError
from ravdess_exp.folder import REPORT
from ravdess_exp.places import path_at_home
from ravdess_exp.terminal import quiet_stderr
from ravdess_exp.tracking.address import is_address
from ravdess_exp.tracking.fetched import FetchedRun, fetch_run

_DESCRIPTION = """\
Write what runs and studies found into one HTML file, which needs nothing beside it: scores with intervals
in words, confusions, speakers, groups, calibration, curves, the clips that are most surely wrong, sanity
checks, and the command that repeats it. Several are compared by paired tests, the first with each other."""
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PATIENCE = 120  # seconds that a browser may take to print


def main(arguments: Sequence[str]) -> int:
    """Write the report that the command line asks for; raises `RavdessError` where it cannot."""
    given = _parser().parse_args(list(arguments))
    names = given.names.split(",") if given.names else None
    if names and len(names) != len(given.runs):
        raise OutputError(f"--names: expected {len(given.runs)} names, found {len(names)}")
    browser = _browser() if given.pdf else None
    beside = len(given.runs) == 1 and not is_address(given.runs[0])
    path = given.output or (Path(given.runs[0], REPORT) if beside else Path("outputs", REPORT))
    if path.suffix.lower() not in (".html", ".htm"):
        raise OutputError(f"--output {path}: expected a name ending in .html")
    with quiet_stderr(), tempfile.TemporaryDirectory() as into:
        from ravdess_exp.report.page import write_report

        runs = [_found(run, Path(into, str(i)), given.uri) for i, run in enumerate(given.runs)]
        write_report(
            [run.folder for run in runs],
            path,
            names=names or _names(runs),
            places={run.folder: run.place for run in runs if run.place != run.folder},
            with_clips=given.with_clips,
        )
    print(f"Report: {path}")
    if browser:
        print(f"PDF:    {_print(browser, path)}")
    return 0


def _found(run: str, into: Path, uri: str | None) -> FetchedRun:
    """A run's folder, or what MLflow keeps of it, fetched into an own one."""
    if not is_address(run):
        folder = Path(run)
        return FetchedRun(folder, folder.resolve().name, folder)
    into.mkdir()
    return fetch_run(run, into, uri=uri)


def _names(runs: Sequence[FetchedRun]) -> list[str] | None:
    """Of runs that were fetched; those of folders are told apart by the report itself."""
    fetched = any(run.place != run.folder for run in runs)
    return [run.name for run in runs] if fetched else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ravdess-exp report",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "runs",
        nargs="+",
        type=_folder,
        metavar="RUN",
        help="folder of a run or of a study, or a run in MLflow, runs:/ID or models:/NAME/VERSION",
    )
    parser.add_argument(
        "--output",
        type=path_at_home,
        metavar="FILE",
        help=f"default: {REPORT} in the folder; of several, outputs/{REPORT}",
    )
    parser.add_argument("--names", help="names to show, separated by commas, in the same order")
    parser.add_argument(
        "--with-clips",
        action="store_true",
        help="embed the wrong clips' faces and sound too where the corpus does not allow handing them on, "
        "and what the model went by in each",
    )
    parser.add_argument("--uri", help="of MLflow, where a RUN is in it (MLFLOW_TRACKING_URI)")
    parser.add_argument("--pdf", action="store_true", help="print it too, by an installed Chromium")
    return parser


def _folder(run: str) -> str:
    return run if is_address(run) else str(path_at_home(run))


def _browser() -> str:
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None:
        raise InstallationError(
            f"--pdf needs a browser, one of {', '.join(_BROWSERS)}; none is installed. The HTML file "
            "without --pdf can be printed by any"
        )
    return found


def _print(browser: str, path: Path) -> Path:
    """The report as PDF beside it; raises `OutputError` where the browser does not write it."""
    target = path.with_suffix(".pdf")
    target.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        command = [
            browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--no-pdf-header-footer", f"--user-data-dir={profile}",
            f"--print-to-pdf={target.absolute()}", path.absolute().as_uri(),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE)  # noqa: S603 - no shell
        except subprocess.TimeoutExpired as error:
            raise OutputError(f"{target}: {browser} did not print within {_PATIENCE} s") from error
    if not target.is_file():
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise OutputError(f"{target}: {browser} did not write it ({reason[:300]})")
    return target
