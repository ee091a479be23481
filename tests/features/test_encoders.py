"""Frozen encoders as features: against plainer code, and every file that does not do."""

import importlib
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ravdess_exp.errors import ConfigError, FeatureError
from ravdess_exp.features.encoders import OnnxAudio, OnnxFace, Whisper
from ravdess_exp.features.encoders.file import FETCHED, digest_of
from ravdess_exp.features.encoders.graph import read_graph, with_facts, with_outputs
from ravdess_exp.features.encoders.whisper_blocks import blocks
from ravdess_exp.features.encoders.whisper_mel import whisper_mel
from tests.helpers.encoder_files import (
    DEPTH,
    FACTS,
    HEADS,
    WIDTH,
    node,
    onnx_file,
    whisper_weights,
    write_face_network,
    write_sound_network,
    write_whisper,
)

RATE = 16_000
TENSORS = ["add_146", "add_268", "add_390", "add_512"]


@pytest.fixture
def wave(rng) -> np.ndarray:
    return rng.normal(0, 0.1, RATE).astype(np.float32)


def whisper(path, **changed) -> Whisper:
    settings = {"sha256": None, "layer": "middle", "saw_ravdess": "refused"}
    settings |= {"standardise": "train", "frames": None, "pool": "moments"}
    return Whisper(**settings | {"file": str(path)} | changed)


def sound(path, **changed) -> OnnxAudio:
    settings = {"sha256": None, "input": "whisper_mel", "sample_rate": RATE, "n_mels": 80}
    settings |= {"normalise": False, "tensors": TENSORS, "layer": "middle", "licence": None}
    settings |= {"trained_on": None, "saw_ravdess": "refused", "standardise": "train"}
    settings |= {"pool": "moments"}
    return OnnxAudio(**settings | {"file": str(path), "frames": None} | changed)


def face(path, **changed) -> OnnxFace:
    settings = {"sha256": None, "tensor": "add_4", "side": 64, "low": -1.0, "high": 1.0}
    settings |= {"places": "all", "mirror": False, "licence": None, "trained_on": None}
    return OnnxFace(
        **settings
        | {"file": str(path), "saw_ravdess": "refused", "standardise": "feature"}
        | changed
    )


def test_the_mel_of_whisper_is_a_fourier_transform_by_hand(wave):
    import librosa

    padded = np.pad(wave.astype(float), 200, mode="reflect")
    window = np.hanning(401)[:-1]
    frames = np.stack([padded[i : i + 400] * window for i in range(0, RATE, 160)])
    power = np.abs(np.fft.rfft(frames, axis=1)).T ** 2
    mel = np.log10(np.maximum(librosa.filters.mel(sr=RATE, n_fft=400, n_mels=80) @ power, 1e-10))
    expected = (np.maximum(mel, mel.max() - 8) + 4) / 4
    found = whisper_mel(wave, n_mels=80)
    assert found.shape == (80, 100)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_the_blocks_are_those_of_keras_layers_with_the_same_weights(rng):
    import keras

    weights = {name: a.astype(np.float32) for name, a in whisper_weights(depth=1).items()}
    mel = rng.normal(size=(80, 20)).astype(np.float32)
    x = mel.T[None]
    for number, stride in ((1, 1), (2, 2)):
        padded = np.pad(x, ((0, 0), (1, 1), (0, 0)))
        kernel = weights[f"conv{number}.weight"].transpose(2, 1, 0)
        x = keras.ops.conv(padded, kernel, strides=stride, padding="valid")
        x = np.asarray(keras.ops.gelu(x + weights[f"conv{number}.bias"], approximate=False))
    x = x + weights["positions"][:10]
    block = {n.removeprefix("block0."): w for n, w in weights.items() if n.startswith("block0.")}

    def normalised(x, name):
        layer = keras.layers.LayerNormalization(epsilon=1e-5)
        layer.build(x.shape)
        layer.set_weights([block[f"{name}.weight"], block[f"{name}.bias"]])
        return layer(x)

    attention = keras.layers.MultiHeadAttention(HEADS, WIDTH // HEADS)
    attention.build(x.shape, x.shape)
    split = (WIDTH, HEADS, WIDTH // HEADS)
    own = []
    for name in ("query", "key", "value"):
        own += [block[f"{name}.weight"].T.reshape(split), block[f"{name}.bias"].reshape(split[1:])]
    own += [block["attention_out.weight"].T.reshape(*split[1:], WIDTH), block["attention_out.bias"]]
    attention.set_weights(own)
    inner = normalised(x, "attention_norm")
    x = x + attention(inner, inner)
    inner = normalised(x, "mlp_norm") @ block["mlp_in.weight"].T + block["mlp_in.bias"]
    inner = keras.ops.gelu(inner, approximate=False)
    expected = x + inner @ block["mlp_out.weight"].T + block["mlp_out.bias"]
    (found,) = blocks(mel, weights, heads=HEADS)
    np.testing.assert_allclose(found, np.asarray(expected)[0], atol=2e-4)


def test_whisper_gives_every_block_pooled_or_one_over_time(tmp_path, wave):
    path = write_whisper(tmp_path / "w.npz")
    pooled = whisper(path)(wave)
    assert pooled.shape == (DEPTH, 2 * WIDTH) and pooled.dtype == np.float32
    steps = whisper(path, frames="train_mean", layer=2)(wave)
    assert steps.shape == (WIDTH, 50)  # 50 steps a second
    expected = np.concatenate([steps.mean(axis=1), steps.std(axis=1)])
    np.testing.assert_allclose(pooled[1], expected, rtol=1e-4, atol=1e-5)
    quantiles = whisper(path, pool="quantiles")(wave)
    assert quantiles.shape == (DEPTH, 3 * WIDTH) and quantiles.dtype == np.float32
    expected = np.quantile(steps, (0.1, 0.5, 0.9), axis=1).ravel()
    np.testing.assert_allclose(quantiles[1], expected, rtol=1e-4, atol=1e-5)
    assert whisper(path, pool="quantiles").identity() != whisper(path).identity()
    half_a_minute = whisper(path)(np.tile(wave, 31))  # longer than its positions reach
    assert np.isfinite(half_a_minute).all()


def test_an_inner_tensor_becomes_an_output_and_is_pooled(tmp_path, wave):
    path = write_sound_network(tmp_path / "s.onnx")
    pooled = sound(path)(wave)
    assert pooled.shape == (4, 2 * WIDTH)
    steps = sound(path, frames=10, layer=3)(wave)
    assert steps.shape == (WIDTH, 100)
    np.testing.assert_allclose(pooled[2, :WIDTH], steps.mean(axis=1), atol=1e-5)
    assert read_graph(path.read_bytes()).outputs == ("logits",)
    more = with_facts(with_outputs(path.read_bytes(), ("add_146",)), {"name": "another"})
    assert read_graph(more).outputs == ("logits", "add_146")
    assert read_graph(more).facts["name"] == "another"


def test_a_network_of_a_fixed_length_hears_silence_behind_the_clip(tmp_path, wave):
    free, fixed = tmp_path / "free.onnx", tmp_path / "fixed.onnx"
    write_sound_network(free), write_sound_network(fixed, frames=150)
    expected = sound(free, frames=10, layer=1)(wave)
    found = sound(fixed, frames=10, layer=1)(wave)
    assert found.shape == (WIDTH, 100)
    np.testing.assert_allclose(found[:, :97], expected[:, :97], atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "shape", "given"),
    [("waveform", (1, "n"), (1, RATE)), ("waveform", (1, 20_000), (1, 20_000)),
     ("filter_bank", (1, "n", 20), (1, 100, 20))],
)  # fmt: skip
def test_other_kinds_of_input(tmp_path, wave, kind, shape, given):
    from ravdess_exp.features.encoders.sound_input import SoundInput

    value, share = SoundInput(kind, RATE, 20, True)(wave, shape)
    assert value.shape == given and value.dtype == np.float32
    assert share == (RATE / 20_000 if given[1] == 20_000 else 1)
    if kind == "waveform":
        assert abs(value.mean()) < 1e-3 and value[0, :RATE].std() == pytest.approx(1, abs=1e-3)


def test_a_face_network_sees_gray_crops_less_the_reference(tmp_path, rng):
    path = write_face_network(tmp_path / "f.onnx")
    crops = rng.integers(0, 256, (3, 96, 96, 3), np.uint8)
    plain = face(path)(crops, None)
    assert plain.shape == (3, 2 * 16 * 16) and face(path).blocks(96) == (512,)
    np.testing.assert_allclose(face(path)(crops, crops[0]), plain - plain[:1], atol=1e-6)
    assert face(path, places="mean")(crops, None).shape == (3, 2)
    twice = face(path, mirror=True)
    np.testing.assert_allclose(twice(crops, None), twice(crops[:, :, ::-1], None), atol=1e-5)
    black = face(path, low=0.0, high=1.0)(np.zeros((1, 64, 64, 3), np.uint8), None)
    np.testing.assert_array_equal(black, 0)  # the small network has no bias


def test_where_the_file_lies_is_not_part_of_the_identity_and_its_content_is(tmp_path):
    one = write_whisper(tmp_path / "one.npz")
    two = tmp_path / "two.npz"
    two.write_bytes(one.read_bytes())
    other = write_whisper(tmp_path / "other.npz", weights=whisper_weights(seed=1))
    assert whisper(one).identity() == whisper(two, layer="chosen").identity()
    assert whisper(one).identity() != whisper(other).identity()
    over_time = [whisper(one, frames=5, layer=n).identity() for n in (1, 2)]
    assert over_time[0] != over_time[1] and over_time[0] != whisper(one).identity()


def test_a_file_that_is_exchanged_is_read_anew(tmp_path, wave):
    path = write_whisper(tmp_path / "w.npz")
    before = whisper(path)(wave)
    write_whisper(path, weights=whisper_weights(seed=1))
    assert not np.allclose(whisper(path)(wave), before)


WITHOUT = {name: None for name in ("licence", "trained_on")}
SEEN = FACTS | {"trained_on": "IEMOCAP and RAVDESS"}


def lacking(weights: dict, *names: str) -> dict:
    return {name: a for name, a in weights.items() if name not in names}


@pytest.mark.parametrize(
    ("write", "changed", "message"),
    [
        (lambda p: None, {}, "no such file of weights"),
        (lambda p: p.write_bytes(b"PK no"), {}, "damaged, or not the encoder of a Whisper"),
        (write_whisper, {"sha256": "0" * 64}, "SHA-256 .*, expected 000000000000"),
        (lambda p: write_whisper(p, weights=lacking(whisper_weights(), "block1.query.bias")), {},
         "damaged, or not the encoder of a Whisper .*query.bias"),
        (lambda p: write_whisper(p, weights={"positions": np.zeros((5, 5))}), {}, "damaged, or not"),
        (write_whisper, {"layer": 4}, "audio.layer=4: expected middle, chosen or 1 to 3"),
        (write_whisper, {"layer": "chosen", "frames": 9}, "audio.layer=chosen: expected middle"),
        (lambda p: write_whisper(p, facts=FACTS | {"licence": ""}), {}, "audio.licence: not stated"),
        (lambda p: write_whisper(p, facts=SEEN), {}, "was trained on RAVDESS"),
    ],
    ids=range(9),
)  # fmt: skip
def test_a_whisper_that_does_not_do_is_one_line(tmp_path, write, changed, message):
    write(tmp_path / "w.npz")
    with pytest.raises(ConfigError, match=message) as caught:
        whisper(tmp_path / "w.npz", **changed).check()
    assert "\n" not in str(caught.value)


def not_numbers(path):
    """The logarithm of -1 in its only layer."""
    nodes = [
        node("Transpose", ["mel"], "steps"),
        node("Identity", ["mel"], "as_it_is"),
        node("Abs", ["as_it_is"], "size"),
        node("Neg", ["size"], "negative"),
        node("Log", ["negative"], "add_146"),
    ]
    shape = (1, 80, "time")
    return onnx_file(path, nodes, inputs={"mel": shape}, outputs={"add_146": shape})


@pytest.mark.parametrize(
    ("write", "changed", "message"),
    [
        (lambda p: None, {}, "no such file of weights"),
        (lambda p: p.write_bytes(b"\x00\x01"), {}, "not a whole ONNX file"),
        (lambda p: p.write_bytes(write_sound_network(p).read_bytes()[:-900]), {}, "not a whole ONNX"),
        (lambda p: p.write_bytes(b""), {}, "no graph in it"),
        (write_sound_network, {"sha256": "a" * 64}, "expected aaaaaaaaaaaa"),
        (write_sound_network, {"tensors": ["add_999"]}, "no tensor add_999; .* add_512, logits"),
        (write_sound_network, {"input": "waveform"}, "audio.input=waveform: has 2 axes"),
        (write_sound_network, {"n_mels": 64}, r"its input input_features is \[1, 80, 'time'\]"),
        (write_sound_network, {"tensors": ["add_146/product", "steps"]}, "layers of one width"),
        (write_face_network, {"tensors": ["add_4"]}, "audio.input=whisper_mel: has 3 axes"),
        (lambda p: write_sound_network(p, facts={}), {}, "audio.licence: not stated"),
        (lambda p: write_sound_network(p, facts={}), {"licence": "MIT"}, "audio.trained_on: not"),
        (lambda p: write_sound_network(p, facts=SEEN), {}, "audio.saw_ravdess=accepted"),
        (not_numbers, {"tensors": ["add_146"]}, "values that are not numbers in layer 1 of 1"),
    ],
    ids=range(14),
)  # fmt: skip
def test_a_sound_network_that_does_not_do_is_one_line(tmp_path, write, changed, message):
    write(tmp_path / "s.onnx")
    with pytest.raises(ConfigError, match=message) as caught:
        sound(tmp_path / "s.onnx", **changed).check()
    assert "\n" not in str(caught.value)


def test_weights_in_another_file_are_refused(tmp_path):
    from tests.helpers.encoder_files import message, tensor

    elsewhere = tensor("kernel", np.zeros(1)) + message((14, 1))
    graph = message((1, node("Tanh", ["a"], "b")), (5, elsewhere), (12, message((1, "b"))))
    (tmp_path / "s.onnx").write_bytes(message((7, graph)))
    with pytest.raises(ConfigError, match="weights lie in another file"):
        sound(tmp_path / "s.onnx", tensors=["b"]).check()


@pytest.mark.parametrize(
    ("write", "changed", "message"),
    [
        (write_face_network, {"tensor": "add_5"}, "no tensor add_5; .* predictions"),
        (write_face_network, {"side": 48}, r"its input input is \['batch', 64, 64, 1\]"),
        (write_sound_network, {"tensor": "add_146"}, "expected a picture of one or three channels"),
        (lambda p: write_face_network(p, facts=FACTS | {"name": "emotion2vec_plus_base"}), {},
         "visual.saw_ravdess=accepted"),
        (lambda p: write_face_network(p, facts={}), {}, "visual.licence: not stated"),
    ],
    ids=range(5),
)  # fmt: skip
def test_a_face_network_that_does_not_do_is_one_line(tmp_path, write, changed, message):
    write(tmp_path / "f.onnx")
    with pytest.raises(ConfigError, match=message) as caught:
        face(tmp_path / "f.onnx", **changed).check()
    assert "\n" not in str(caught.value)


def test_what_saw_ravdess_can_be_accepted(tmp_path):
    path = write_whisper(tmp_path / "w.npz", facts=SEEN)
    whisper(path, saw_ravdess="accepted").check()
    assert whisper(path).facts().saw_ravdess
    for name in ("wav2vec2-lg-xlsr-en-speech-emotion-recognition", "emotion2vec+ large"):
        assert replace(whisper(path).facts(), trained_on="?", name=name).saw_ravdess
    assert not replace(whisper(path).facts(), trained_on="LibriSpeech").saw_ravdess


def test_a_clip_that_gives_no_numbers_fails_by_itself(tmp_path, wave):
    not_numbers(tmp_path / "n.onnx")
    with pytest.raises(FeatureError, match="not numbers in layer 1 of 1"):
        sound(tmp_path / "n.onnx", tensors=["add_146"])(wave)


def test_without_onnxruntime_one_line_says_what_to_install(tmp_path, monkeypatch):
    import sys

    path = write_sound_network(tmp_path / "s.onnx", facts=FACTS | {"name": digest_of.__name__})
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ConfigError, match=r"pip install 'ravdess_exp\[onnx\]'"):
        sound(path).check()


def test_a_missing_file_is_fetched_by_the_command_that_is_printed(tmp_path, monkeypatch):
    """The same program, names and folder as in `scripts/fetch_weights.py`; elsewhere the docs are named."""
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "scripts")
    sources = importlib.import_module("encoder_sources").SOURCES
    assert set(FETCHED) == {n for n, of in sources.items() if of.packages or of.url}
    assert all(Path(of.written).stem == name for name, of in sources.items())
    with pytest.raises(ConfigError) as error:
        digest_of(str(tmp_path / "josé & co" / "fer.onnx"))
    python, program, *words = shlex.split(str(error.value).split("this fetches it: ")[1])
    assert Path(python).exists() and Path(program).is_file()
    assert words == ["fer", "--to", str(tmp_path / "josé & co")]
    with pytest.raises(ConfigError, match="docs/choices.md"):
        digest_of(str(tmp_path / "own.onnx"))
