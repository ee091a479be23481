"""Where a bundle is: the folder of a run or a study, a bundle's own, or an address in MLflow."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ravdess_exp.again import recorded_command
from ravdess_exp.errors import BundleError
from ravdess_exp.folder import BUNDLE, CONFIGURATION, CROSSED, METRICS, MODEL, SUMMARY
from ravdess_exp.predict.files import DESCRIPTION

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

_SCHEMES = ("runs:/", "models:/")
_EXAMPLES = (
    "expected the folder of a run, a study or a bundle, runs:/ID/model or models:/NAME/VERSION"
)


def find_bundle(where: str | Path, *, uri: str | None = None) -> Path:
    """The folder that holds `bundle.json`. uri: of MLflow, where `where` is an address in it.

    Raises `BundleError` where there is none, saying how to make one.
    """
    if is_address(str(where)):
        return _in(_download(str(where), uri), shown=str(where))
    folder = Path(where)
    if not folder.exists():
        raise BundleError(f"{where}: does not exist; {_EXAMPLES}")
    if not folder.is_dir():
        raise BundleError(f"{where}: is a file; {_EXAMPLES}")
    return _in(folder, shown=str(where))


def _in(folder: Path, *, shown: str) -> Path:
    """The bundle itself, that of a run or a study, or the one in a model that MLflow keeps."""
    for place in (folder, folder / BUNDLE, folder / "artifacts" / BUNDLE):
        if (place / DESCRIPTION).is_file():
            return place
    if (folder / CROSSED).is_file():
        raise BundleError(
            f"{shown}: corpora are crossed in it, and each of them has a model; name one of its runs' folders"
        )
    if (folder / SUMMARY).is_file():
        raise BundleError(
            f"{shown}: a study without {BUNDLE}/; one of its runs lacks its own, being of an older "
            f"version or unfinished. Remove the folders of such runs; then {_does_it_again(folder)}"
        )
    if any((folder / name).exists() for name in (CONFIGURATION, METRICS, MODEL)):
        raise BundleError(f"{shown}: a run without {BUNDLE}/, {_how_to_make(folder)}")
    raise BundleError(f"{shown}: no run in it; {_EXAMPLES}")


def _how_to_make(folder: Path) -> str:
    """The command that does the run again."""
    if not (folder / METRICS).exists():
        return f"since it has not ended; {_does_it_again(folder)}"
    return f"made by an older version; {_does_it_again(folder)}"


def _does_it_again(folder: Path) -> str:
    command = recorded_command(folder)
    if command is None:
        return "the command that made it does it again; the folder does not tell it"
    return f"this trains one by the same words and the defaults of today: {command}"


def _download(address: str, uri: str | None) -> Path:
    """A model's files, from MLflow."""
    from mlflow.artifacts import download_artifacts

    from ravdess_exp.tracking.backend import tracking_uri

    uri = tracking_uri(uri)
    with reached(address, uri):
        return Path(download_artifacts(artifact_uri=address, tracking_uri=uri, registry_uri=uri))


@contextmanager
def reached(address: str, uri: str) -> Iterator["MlflowClient"]:
    """A client of the store at `uri`, which answers; raises `BundleError` where it or the address fails."""
    from ravdess_exp.tracking.backend import STORE_ERRORS, connect, without_password

    database = Path(uri.removeprefix("sqlite:///"))
    if uri.startswith("sqlite:///") and not database.exists():  # it would be made
        raise BundleError(f"{address}: MLflow has no database at {database}; give its --uri")
    try:
        client = connect(uri)
        client.search_experiments(max_results=1)  # whether it answers, within seconds
        yield client
    except STORE_ERRORS as error:
        reason = str(error).strip().splitlines()[0][:300]
        raise BundleError(
            f"{address}: not to be had from MLflow at {without_password(uri)} ({reason})"
        ) from error


def is_address(where: str) -> bool:
    """Whether it names something in MLflow, and not a folder."""
    return where.startswith(_SCHEMES)
