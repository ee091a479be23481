"""Quick runs for tests that need a trained model."""

from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.run.experiment import run
from tests.conftest import quick_overrides


def train(folder: Path, corpus: Path, store: Path, *overrides: str, uri: str | None = None) -> Path:
    """A quick run in this process, tracked at `uri` or not at all; returns its folder.

    Its figures are made and not drawn.
    """
    tracking = f"tracking.uri={uri}" if uri else "tracking=none"
    config = validate(compose_config(quick_overrides(corpus, store, tracking, *overrides)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Figure, "savefig", lambda self, path, **how: Path(path).write_bytes(b""))
        run(config, folder=folder, overrides=overrides)
    return folder


def of_run(folder: Path) -> pd.DataFrame:
    """The run's own predictions, a row a clip."""
    return pd.read_csv(folder / "predictions.csv").set_index("clip")
