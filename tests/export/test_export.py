"""A network in another format says what the model says, and its recipe is all that it needs."""

import dataclasses
import json
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

from ravdess_exp.cli.commands import run_command
from ravdess_exp.config.check import validate
from ravdess_exp.config.compose import compose_config
from ravdess_exp.errors import ExportError
from ravdess_exp.export import formats
from ravdess_exp.export.exporter import RECIPE, export
from ravdess_exp.export.formats import FORMATS, Format
from ravdess_exp.export.proof import AGREEMENT, made_up_inputs
from ravdess_exp.features.audio import AudioInput
from ravdess_exp.predict.bundle import Bundle, Member
from ravdess_exp.predict.clip import Predictor
from ravdess_exp.run.build import build_parts
from ravdess_exp.run.clips import build_recipe
from tests.helpers.bundles import bundle_of, model_of
from tests.helpers.nursery import nursery

DEFAULT = (
    "audio=contours", "audio_encoder=statistics", "visual=gradients", "pooling=mean", "fusion=late",
)  # fmt: skip
FORMER = ("audio=mfcc", "audio_encoder=blstm", "visual=vgg", "pooling=max", "fusion=concat")


def installed(name: str) -> Format:
    format_ = FORMATS[name]
    for package in format_.needs:
        pytest.importorskip(package, reason="an extra: pip install ravdess_exp[export]")
    return format_


def drawn(model: keras.Model) -> keras.Model:
    """With kernels that are not zero: probabilities that depend on what comes in."""
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dense):
            layer.kernel.assign(0.2 * rng.standard_normal(layer.kernel.shape))
    return model


def run_onnx(path: Path, inputs: dict[str, np.ndarray]) -> np.ndarray:
    import onnxruntime

    session = onnxruntime.InferenceSession(path)
    return session.run(["emotion"], inputs)[0]


def run_tflite(path: Path, inputs: dict[str, np.ndarray]) -> np.ndarray:
    import tensorflow as tf

    interpreter = tf.lite.Interpreter(str(path))
    places = {d["name"].split("_")[-1][:-2]: d["index"] for d in interpreter.get_input_details()}
    interpreter.allocate_tensors()
    said = []
    for number in range(len(next(iter(inputs.values())))):
        for name, values in inputs.items():
            interpreter.set_tensor(places[name], values[number : number + 1])
        interpreter.invoke()
        said.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0])
    return np.array(said)


RUN = {"onnx": run_onnx, "tflite": run_tflite}


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("overrides", [DEFAULT, FORMER, ("model=logistic",)])
def test_a_runtime_says_what_the_model_says(tmp_path, overrides, name):
    """By the runtimes' own interfaces, for the recipes that people use."""
    format_ = installed(name)
    parts = build_parts(validate(compose_config(list(overrides))))
    model = drawn(parts.model(audio_shape=(24, 30, 1), video_shape=(4, 32, 32, 3), classes=7))
    format_.write(model, tmp_path / f"model{format_.suffix}")
    inputs = made_up_inputs(model)
    expected = model.predict_on_batch(list(inputs.values()))
    assert np.ptp(expected, axis=0).max() > 0.01  # or everything would agree
    said = RUN[name](tmp_path / f"model{format_.suffix}", inputs)
    np.testing.assert_allclose(said, expected, atol=AGREEMENT)


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_is_predicted_by_what_was_written_alone(configure, tmp_path, clip_path, name):
    """By the command in a process of its own; then with the recipe, as another language would."""
    installed(name)
    recipe = build_recipe(configure("audio.standardise=train"))
    members = tuple(
        Member(drawn(model_of(0.0)), AudioInput("train", 20, mean, np.full_like(mean, 5.0)))
        for mean in (np.full((24, 1), -3.0, np.float32), np.full((24, 1), 2.0, np.float32))
    )
    members[0].audio_input.deviation[3] = np.inf  # what never changes in training clips
    bundle = bundle_of(recipe, members=members)
    bundle.save(tmp_path / "run" / "bundle")
    code, said = nursery().run(["export", "run", "--to", name], tmp_path)
    assert code == 0 and "proved" in said, said
    folder = tmp_path / "run" / "export" / name
    content = json.loads((folder / RECIPE).read_text())
    predictor = Predictor(bundle)
    feature = predictor.examine(clip_path)[1].feature  # (N, T)
    probabilities = []
    for network in content["networks"]:
        of = network["inputs"]["audio"]
        rows = (feature - np.array(of["mean"])[:, None]) * np.array(of["scale"])[:, None]
        rows = rows[:, : of["frames"]]
        rows = np.pad(rows, ((0, 0), (of["frames"] - rows.shape[1], 0)))
        given = {"audio": rows[None, ..., None].astype(np.float32)}
        probabilities.append(RUN[name](folder / network["file"], given)[0])
        (of, out), one = (
            (network["inputs"]["audio"], network["output"]),
            {"tflite": 1}.get(name, "any"),
        )
        assert of["shape"] == [one, 24, 20, 1] and out["shape"] == [one, 2]
        assert out["name"] == {"tflite": "output_0", "onnx": "emotion"}[name]
    expected = predictor.predict(clip_path)
    np.testing.assert_allclose(np.mean(probabilities, axis=0), expected.probabilities, atol=1e-4)
    assert len(probabilities) == 2 and content["classes"] == ["calm", "angry"]
    assert content["preparation"]["feature"]["class"] == "Mfcc"


@keras.saving.register_keras_serializable(package="tests")
class Beta(keras.layers.Layer):
    """An operation that neither format has."""

    def call(self, values):
        import tensorflow as tf

        share = ops.sigmoid(values)
        return tf.math.betainc(share, share, share)

    def compute_output_spec(self, values):
        return keras.KerasTensor(values.shape)


@pytest.mark.parametrize("name", FORMATS)
def test_a_layer_that_a_format_lacks_is_named(configure, tmp_path, name):
    format_ = installed(name)
    audio = keras.Input((24, 20, 1), name="audio")
    flat = keras.layers.Flatten()(Beta(name="strange")(audio))
    model = keras.Model(audio, keras.layers.Dense(2, activation="softmax")(flat))
    with pytest.raises(ExportError, match=rf"layer strange \(Beta\) cannot be written as {name}"):
        export(_of(model, configure), format_, tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_a_layer_of_another_precision_is_named(configure, tmp_path):
    audio = keras.Input((24, 20, 1), name="audio")
    flat = keras.layers.Flatten(dtype="mixed_bfloat16", name="flat")(audio)
    model = keras.Model(audio, keras.layers.Dense(2, activation="softmax")(flat))
    with pytest.raises(ExportError, match=r"layer flat \(Flatten\) computes in bfloat16"):
        export(_of(model, configure), FORMATS["tflite"], tmp_path / "out")


def test_a_network_that_says_something_else_is_no_export(configure, tmp_path):
    """And what an earlier export left there stays as it was."""
    bundle = _of(model_of(1.0), configure)
    wrong = dataclasses.replace(
        FORMATS["tflite"], write=lambda model, path: formats._write_tflite(model_of(1.001), path)
    )
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "earlier").touch()
    with pytest.raises(ExportError, match="says something else than the model"):
        export(bundle, wrong, tmp_path / "out")
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "earlier"]


def test_a_missing_converter_is_told_with_its_extra(configure, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(formats, "find_spec", lambda package: None)
    _of(model_of(0.0), configure).save(tmp_path / "bundle")
    assert run_command("export", [str(tmp_path), "--to", "onnx"]) == 2
    said = capsys.readouterr().err
    assert "--to onnx needs tf2onnx" in said and "ravdess_exp[export]" in said


def _of(model: keras.Model, configure) -> Bundle:
    recipe = build_recipe(configure())
    return bundle_of(recipe, members=(Member(model, AudioInput("sample", 20)),))
