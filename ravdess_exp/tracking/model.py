"""A run's model in MLflow."""

import keras
import mlflow
import numpy as np
from mlflow.models import ModelSignature
from mlflow.types import Schema, TensorSpec

from ravdess_exp import __version__


def log_model(run_id: str, uri: str, model: keras.Model) -> None:
    """The model as Keras saves it, with a signature of its named inputs."""
    inputs = [TensorSpec(np.dtype(t.dtype), (-1, *t.shape[1:]), t.name) for t in model.inputs]
    outputs = [TensorSpec(np.dtype(t.dtype), (-1, *t.shape[1:])) for t in model.outputs]
    mlflow.set_tracking_uri(uri)
    with mlflow.start_run(run_id=run_id):
        mlflow.keras.log_model(
            model,
            name="model",
            signature=ModelSignature(Schema(inputs), Schema(outputs)),
            pip_requirements=[f"ravdess_exp=={__version__}"],
        )
