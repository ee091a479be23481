"""A bundle as MLflow calls it: MLflow copies this file into each model and runs it to load one.

Its name stands in the model, and not a pickle of an object, so loading unpickles nothing. Nobody
else imports it: it tells MLflow what the model is as it is run.
"""

import threading
from collections.abc import Mapping
from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel, PythonModelContext


class ServedBundle(PythonModel):
    """A table of files in, a table of predictions out; see `ravdess_exp.tracking.model`."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the bundle, and be ready for the first question."""
        from ravdess_exp import load
        from ravdess_exp.folder import BUNDLE

        self._predictor = load(context.artifacts[BUNDLE]).warm()
        self._lock = threading.Lock()  # detectors are not made for several threads at once

    def predict(
        self,
        context: PythonModelContext,
        model_input: pd.DataFrame,
        params: Mapping[str, Any] | None = None,
    ) -> pd.DataFrame:
        """A row a file: prediction, a probability a class, and the reason where there is none."""
        with self._lock:
            rows = [self._row(row) for row in model_input.to_dict("records")]
        # objects, since what is missing must be null in JSON, which knows no NaN
        table = pd.DataFrame(rows, dtype=object)
        complete = [name for name in self._predictor.bundle.told if table[name].notna().all()]
        return table.astype(dict.fromkeys(complete, float))

    def _row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        content, path = row.get("content"), row.get("path")
        if isinstance(content, bytes | bytearray):
            name = path if isinstance(path, str) else None
            made = self._predictor.predict_file(bytes(content), name=name)
        elif isinstance(path, str):
            made = self._predictor.predict_file(path)
        else:
            raise ValueError(
                "expected a column `path` of files' names or a column `content` of files' bytes "
                "(base64 in JSON)"
            )
        return {
            "prediction": made.prediction,
            **made.told,
            "remarks": "; ".join(made.remarks),
            "reason": made.reason,
            "sure": made.sure,
        }


set_model(ServedBundle())
