"""The predictions of a run, from its folder or from MLflow."""

import tempfile
from dataclasses import replace
from pathlib import Path

from ravdess_exp.errors import ComparisonError
from ravdess_exp.folder import PREDICTIONS
from ravdess_exp.scoring.comparison import Result


def load_result(where: str, uri: str | None = None) -> Result:
    """where: a run's or study's folder, or the id of its run in MLflow at `uri`.

    Raises `ComparisonError` where it is neither, or has no predictions.
    """
    return Result.load(Path(where)) if Path(where).exists() else _download(where, uri)


def _download(run_id: str, uri: str | None) -> Result:
    from mlflow.exceptions import MlflowException  # 1 s, for which folders should not wait

    from ravdess_exp.tracking.backend import connect, tracking_uri

    try:
        client = connect(tracking_uri(uri))
        run = client.get_run(run_id)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(client.download_artifacts(run_id, PREDICTIONS, folder))
            result = Result.read(path, run.info.run_name)
    except (MlflowException, OSError) as error:
        raise ComparisonError(
            f"{run_id}: neither a run's folder nor a run with predictions in MLflow ({error})"
        ) from error
    checks = run.data.tags.get("sanity", "")
    return replace(result, leaky="leaky" in checks, saw_ravdess="saw ravdess" in checks)
