"""What is computed in: bfloat16 only where asked for, auto only where it is in hardware."""

import json
import logging

import keras
import numpy as np
import pytest
import tensorflow as tf
from mlflow import MlflowClient

from ravdess_exp.errors import ConfigError
from ravdess_exp.models.fusion import load_model
from ravdess_exp.run.experiment import run
from ravdess_exp.training import precision as module
from ravdess_exp.training.precision import choose_precision, computing_in, native_bfloat16


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine with these flags of the processor and these GPUs' compute capabilities."""

    def pretend(flags: str = "", gpus: tuple = ()):
        (tmp_path / "cpuinfo").write_text(f"processor : 0\nflags\t\t: fpu {flags} avx2\n")
        monkeypatch.setattr(module, "_CPUINFO", tmp_path / "cpuinfo")
        monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: list(gpus))
        monkeypatch.setattr(
            tf.config.experimental,
            "get_device_details",
            lambda gpu: {"compute_capability": gpu, "device_name": f"GPU {gpu}"},
        )

    return pretend


@pytest.mark.parametrize(
    ("flags", "gpus", "by"),
    [
        ("avx512f avx512_bf16", (), "avx512_bf16"),
        ("amx_tile amx_bf16 avx512_bf16", (), "amx_bf16"),
        ("avx512f", (), None),
        ("avx512f", ((9, 0),), "GPU (9, 0)"),
        ("avx512_bf16", ((7, 5),), None),
        ("avx512_bf16", ((9, 0), (7, 5)), None),
    ],
)
def test_what_has_bfloat16_in_hardware(machine, flags, gpus, by):
    machine(flags, gpus)
    assert native_bfloat16() == by


def test_no_cpuinfo_is_no_bfloat16(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "_CPUINFO", tmp_path / "none")
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: [])
    assert native_bfloat16() is None


def test_float32_whatever_the_machine_can(machine, caplog):
    machine("avx512_bf16")
    with caplog.at_level(logging.INFO):
        assert choose_precision("float32") == "float32"
    assert not caplog.records


def test_auto_takes_what_is_quick_here(machine, caplog):
    machine("avx512_bf16")
    with caplog.at_level(logging.INFO):
        assert choose_precision("auto") == choose_precision("bfloat16") == "bfloat16"
    assert "precision: bfloat16, by avx512_bf16" in caplog.text and "emulates" not in caplog.text
    machine("avx512f")
    with caplog.at_level(logging.INFO):
        assert choose_precision("auto") == "float32"
    assert "float32, as this machine has no bfloat16 in hardware" in caplog.text


def test_bfloat16_where_it_is_slow_warns(machine, caplog):
    machine("avx512f")
    assert choose_precision("bfloat16") == "bfloat16"
    (record,) = caplog.records
    assert record.levelname == "WARNING" and "emulates it" in record.message


def test_the_precision_ends_with_its_block():
    with pytest.raises(ZeroDivisionError), computing_in("bfloat16"):
        assert keras.layers.Dense(1).compute_dtype == "bfloat16"
        raise ZeroDivisionError
    assert keras.layers.Dense(1).compute_dtype == "float32"


def test_the_person_is_taken_out_in_float32(rng):
    """Small differences of large numbers would be lost in 8 bits."""
    from ravdess_exp.models.backbones import relative_faces

    clip = (0.5 + 0.001 * rng.normal(size=(1, 6, 16, 16, 3))).astype(np.float32)
    for reference in ("first", "both"):
        with computing_in("bfloat16"):
            faces = keras.Input(clip.shape[1:])
            model = keras.Model(faces, relative_faces(faces, reference=reference))
        exact = keras.Model(
            inputs := keras.Input(clip.shape[1:]), relative_faces(inputs, reference=reference)
        )
        np.testing.assert_array_equal(model(clip), exact(clip))


@pytest.mark.slow
def test_a_run_in_bfloat16(configure, tmp_path, caplog):
    """Trained, said in MLflow, saved and loaded; its probabilities are float32; the next run is not."""
    with caplog.at_level(logging.INFO):
        metrics = run(configure("training.precision=bfloat16"), folder=tmp_path / "run")
    assert "; computed in bfloat16 (" in caplog.text
    assert 0 <= metrics <= 1 and keras.config.dtype_policy().name == "float32"
    model = load_model(tmp_path / "run" / "model.keras")
    computed = {layer.compute_dtype for layer in model.layers if layer.weights}
    assert computed == {"bfloat16", "float32"} and model.output.dtype == "float32"
    assert {weight.dtype for weight in model.trainable_weights} == {"float32"}
    record = json.loads((tmp_path / "run" / "tracking.json").read_text())
    tracked = MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/mlflow.db").get_run(record["run_id"])
    assert tracked.data.tags["precision"] == "bfloat16"
    assert tracked.data.params["training.precision"] == "bfloat16"


def test_a_checkpoint_of_another_precision_is_refused(configure, tmp_path, machine, monkeypatch):
    """`auto` on another machine would end in other weights than an uninterrupted run."""
    from ravdess_exp.run import course

    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    config = configure("modality=audio", "training.precision=auto", "tracking=none")
    folder = tmp_path / "run"
    machine("avx512f")
    with monkeypatch.context() as until:
        until.setattr(course, "predict", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(config, folder=folder)
    machine("avx512_bf16")
    with pytest.raises(ConfigError, match="with the precision=float32, and now the precision=bfl"):
        run(config, folder=folder)
