"""What the tests share: small generated corpora, a quick configuration, the real clips if there."""

import gc
import os
import signal
from collections import Counter
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import hypothesis
import numpy as np
import pytest
from matplotlib.figure import Figure

from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.config.schema import Config
from ravdess_exp.corpus.demo.second import second_trials, write_table
from ravdess_exp.corpus.demo.writer import Trial, trials, write_clip
from tests.helpers.encoder_files import write_encoders

# the same examples each time, on any machine: what fails does so for a change, and not by luck
hypothesis.settings.register_profile(
    "repeatable", derandomize=True, database=None, deadline=None, print_blob=True
)
hypothesis.settings.load_profile("repeatable")

LONGEST = (  # modules that take a minute or more on two cores
    "study.test_loso",
    "test_faults",
    "models.test_models",
    "training.test_network",
    "cli.test_ui",
    "tracking.test_postgres",
    "prepare.test_workers",
    "test_leakage",
    "run.test_experiment",
    "predict.test_clip",
    "scripts.test_bench_gpu",
    "test_determinism",
    "test_soak",
)
ACTORS = (1, 2, 3, 4)
QUICK = (  # groups that each test may choose for itself, then their settings
    "audio=mfcc",
    "audio_encoder=statistics",  # a recurrent one takes TensorFlow 3 s to trace; see test_experiment
    "visual=vgg",
    "pooling=max",
    "fusion=concat",
    "face=haar",
    "training=smoke",
    "data.workers=1",
    "split.train=[1,2]",
    "split.validation=[3]",
    "split.test=[4]",
    "visual.filters=[4,8]",
    "visual.dense=8",
    "audio_encoder.dense=8",
    "fusion.dense=8",
)


@pytest.fixture(scope="session", autouse=True)
def ctrl_c() -> None:
    """What tests start can be interrupted, also where the tests run as `nohup make test &`.

    A shell has such a command ignore SIGINT, and so would every process that it starts.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def weights(tmp_path_factory) -> Path:
    """The folder that the options of `conf/` take frozen encoders from: small ones."""
    folder = write_encoders(tmp_path_factory.mktemp("weights"))
    os.environ["RAVDESS_WEIGHTS"] = str(folder)
    return folder


@pytest.fixture(autouse=True)
def own_tracking_store(monkeypatch, tmp_path) -> str:
    """No test writes into the store of the folder it is started in."""
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    return uri


@pytest.fixture(scope="session")
def corpus(tmp_path_factory) -> Path:
    """Four actors of the demo corpus, seven classes each."""
    root = tmp_path_factory.mktemp("corpus")
    for trial in trials(8):
        if trial.actor in ACTORS:
            write_clip(trial, root, seed=0)
    return root


@pytest.fixture(scope="session")
def second_table(tmp_path_factory) -> Path:
    """The table of the first four speakers of the second demo corpus, six classes each."""
    root = tmp_path_factory.mktemp("second")
    wanted = [trial for trial in second_trials(6) if trial.actor < 105]
    for trial in wanted:
        write_clip(trial, root, seed=0)
    return write_table(root, wanted)


@pytest.fixture(scope="session")
def clip_path(corpus) -> Path:
    """One good clip: actor 1, happy."""
    return corpus / "Actor_01" / "01-01-03-01-01-01-01.mp4"


@pytest.fixture(scope="session")
def store_root(tmp_path_factory) -> Path:
    """A prepared store that the tests of a session fill once."""
    return tmp_path_factory.mktemp("prepared")


@pytest.fixture
def configure(corpus, store_root):
    """Configuration of a quick run on the small corpus, with overrides."""

    def make(*overrides: str) -> Config:
        return validate(compose_config(quick_overrides(corpus, store_root, *overrides)))

    return make


def quick_overrides(corpus: Path, store: Path, *overrides: str) -> list[str]:
    """Command-line overrides of a quick run on a corpus folder, and then `overrides`.

    Where these choose another option of a group, the quick one and its settings do not apply.
    """
    named = [o.split("=")[0] for o in overrides if "=" in o]
    chosen = tuple(f"{name}{mark}" for name in named if "." not in name for mark in "=.")
    quick = ["data=ravdess", f"data.root={corpus}", f"data.store={store}", *QUICK]
    return [*(o for o in quick if not o.startswith(chosen)), *overrides]


@pytest.fixture
def unrendered(monkeypatch) -> None:
    """Figures are made and not drawn, which takes a third of a small run; tests/report draws them."""
    monkeypatch.setattr(Figure, "savefig", lambda self, path, **how: Path(path).write_bytes(b""))


@pytest.fixture(scope="session")
def ravdess_root() -> Path:
    """Real clips, from RAVDESS_ROOT or the shared folder; skips where there are none."""
    default = Path(__file__).parents[2] / "shared" / "data" / "ravdess_reenacted"
    root = Path(os.environ.get("RAVDESS_ROOT", default))
    if not root.is_dir():
        pytest.skip("no real clips: set RAVDESS_ROOT to a folder of them")
    return root


@pytest.fixture
def rng() -> np.random.Generator:
    """Seeded, so that a failure can be repeated."""
    return np.random.default_rng(0)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest modules come first, or one process would do the last of them alone.

    After those of `LONGEST` the ones with the most slow tests.
    """
    slow = Counter(item.module.__name__ for item in items if item.get_closest_marker("slow"))
    rank = {f"tests.{name}": -len(LONGEST) + at for at, name in enumerate(LONGEST)}
    items.sort(
        key=lambda item: (rank.get(item.module.__name__, 0), -slow[item.module.__name__]),
    )


def pytest_collection_finish() -> None:
    """What is imported stays: to look through it takes 0.7 s, and each training run does so."""
    gc.collect()
    gc.freeze()


def trial(emotion: int = 3, actor: int = 1) -> Trial:
    """One trial of the demo corpus."""
    return Trial(emotion, 1, 1, 1, actor)
