"""A run as MLflow keeps it, fetched: its folder is laid out as it was where the run was made."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ravdess_exp.errors import BundleError
from ravdess_exp.tracking.address import reached

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

_MODEL = "model"  # in a run: the model for MLflow's own server, which a report does not need


@dataclass(frozen=True)
class FetchedRun:
    """folder: what was fetched; name: of the run; place: the folder that the run was made in."""

    folder: Path
    name: str
    place: Path


def fetch_run(address: str, into: Path, *, uri: str | None = None) -> FetchedRun:
    """Fetch the run that an address is of: `runs:/ID`, `runs:/ID/model`, `models:/NAME/VERSION`.

    into: an empty folder. uri: of MLflow. Raises `BundleError` where it is not to be had.
    """
    from ravdess_exp.tracking.backend import tracking_uri

    uri = tracking_uri(uri)
    with reached(address, uri) as client:
        run = client.get_run(_run_id(client, address))
        for file in client.list_artifacts(run.info.run_id):
            if file.path != _MODEL:
                client.download_artifacts(run.info.run_id, file.path, str(into))
    place = Path(run.data.tags.get("folder", into))
    return FetchedRun(into, run.info.run_name, place)


def _run_id(client: "MlflowClient", address: str) -> str:
    """Of the run itself, or of the one that logged a registered model."""
    scheme, _, rest = address.partition(":/")
    first, _, second = rest.strip("/").partition("/")
    if scheme == "runs":
        return first
    name, _, alias = first.partition("@")
    if alias:
        return client.get_model_version_by_alias(name, alias).run_id
    if not second.isdigit():
        raise BundleError(f"{address}: expected models:/NAME/VERSION or models:/NAME@ALIAS")
    return client.get_model_version(name, second).run_id
