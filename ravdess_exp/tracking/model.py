"""A bundle as a model of MLflow: loaded, scored and served in any process, without pickle.

In: a table with the column `path` (files that the process can read) or `content` (files' bytes;
base64 in JSON). Out: a table with `prediction`, a probability a class, `remarks`, `reason` where
there is no prediction, and `sure` where the model has a threshold. Whoever may ask a server may have
it open any file that its process can read, so serve on a loopback address or behind something that
asks who it is.
"""

import json
import os
import warnings
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import mlflow
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema

import ravdess_exp
from ravdess_exp.folder import BUNDLE
from ravdess_exp.predict.files import DESCRIPTION

NAME = "model"  # so `runs:/ID/model`
_BESIDE = (  # what our modules that predict import, beside what a bundle names itself
    "filelock", "mlflow", "omegaconf", "pandas", "pydantic", "scipy", "threadpoolctl", "tqdm",
)  # fmt: skip


def log_bundle(run_id: str, uri: str, folder: Path) -> None:
    """Log the bundle in `folder` as the model of a run.

    Our own package travels as source (`code_paths`): it is on no index, a wheel would have to be
    built from a checkout that an installed copy does not have, and 0.5 MB of source is the very
    code that trained the model. Everything else is on PyPI, pinned to the versions that trained it.
    """
    package = Path(ravdess_exp.__file__).parent
    described = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    mlflow.set_tracking_uri(uri)
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    with mlflow.start_run(run_id=run_id), warnings.catch_warnings():
        # an example would be run through the model, which takes seconds, to learn what we state
        warnings.filterwarnings("ignore", message=".*input example was not provided")
        mlflow.pyfunc.log_model(
            name=NAME,
            python_model=str(package / "tracking" / "served.py"),
            artifacts={BUNDLE: str(folder)},
            code_paths=[str(package)],
            pip_requirements=requirements(described["facts"]["versions"]),
            signature=signature(described.get("numbers") or described["classes"]),
        )


def requirements(versions: Mapping[str, str]) -> list[str]:
    """What pip installs to predict: the versions that trained it, without ourselves."""
    pinned = {name: of for name, of in versions.items() if name != "ravdess_exp"}
    for name in _BESIDE:
        try:
            pinned[name] = version(name)
        except PackageNotFoundError:
            continue
    return [f"{name}=={of}" for name, of in sorted(pinned.items())]


def signature(classes: Sequence[str]) -> ModelSignature:
    """A column of paths or of bytes in; prediction, probabilities, remarks, reason, sure out."""
    inputs = [
        ColSpec("string", "path", required=False),
        ColSpec("binary", "content", required=False),
    ]
    outputs = [
        ColSpec("string", "prediction", required=False),
        *(ColSpec("double", name, required=False) for name in classes),
        ColSpec("string", "remarks"),
        ColSpec("string", "reason", required=False),
        ColSpec("boolean", "sure", required=False),
    ]
    return ModelSignature(Schema(inputs), Schema(outputs))
