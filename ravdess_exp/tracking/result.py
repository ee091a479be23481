"""A result to compare: from a folder, or from a run in MLflow."""

import tempfile
from dataclasses import replace
from pathlib import Path

from ravdess_exp.errors import ComparisonError
from ravdess_exp.folder import PREDICTIONS
from ravdess_exp.scoring.comparison import Result
from ravdess_exp.tracking.store import STORE_ERRORS, connect, tracking_uri


def find_result(where: str, *, uri: str | None = None) -> Result:
    """where: a run's or study's folder, or the id of its run in MLflow at `uri`.

    Raises `ComparisonError` where it is neither.
    """
    if Path(where).exists():
        return Result.load(Path(where))
    try:
        client = connect(tracking_uri(uri))
        run = client.get_run(where)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(client.download_artifacts(where, PREDICTIONS, folder))
            result = Result.read(path, run.info.run_name)
    except STORE_ERRORS as error:
        reason = str(error).splitlines()[0]
        raise ComparisonError(
            f"{where}: neither a run's folder nor a run with predictions in MLflow ({reason})"
        ) from error
    return replace(result, leaky="leaky" in run.data.tags.get("sanity", ""))
