"""Whisper's encoder out of the files it is handed round in, by names of our own.

CTranslate2's `model.bin` (what faster-whisper reads) and OpenAI's `.pt`; neither needs the package
that wrote it, and no code in a file is run.
"""

import io
import pickle
import re
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np

_TYPES = {0: "<f4", 1: "i1", 2: "<i2", 3: "<i4", 4: "<f2"}  # of CTranslate2
_BLOCK = {  # of CTranslate2: query, key and value are one matrix there
    "self_attention/layer_norm": "attention_norm",
    "self_attention/linear_1": "attention_out",
    "ffn/layer_norm": "mlp_norm",
    "ffn/linear_0": "mlp_in",
    "ffn/linear_1": "mlp_out",
}
_OPENAI = {  # of OpenAI's package, in the same order
    "attn_ln": "attention_norm",
    "attn.query": "query",
    "attn.key": "key",
    "attn.value": "value",
    "attn.out": "attention_out",
    "mlp_ln": "mlp_norm",
    "mlp.0": "mlp_in",
    "mlp.2": "mlp_out",
}


def from_ctranslate2(content: bytes) -> tuple[dict[str, np.ndarray], int]:
    """(weights by our names, heads) of a `model.bin`; raises `ValueError` for any other file."""
    try:
        theirs = {n: a for n, a in _variables(content) if n.startswith("encoder/")}
    except (struct.error, KeyError, UnicodeDecodeError) as error:
        raise ValueError(f"not a model.bin of CTranslate2 ({error})") from error
    if "encoder/conv1/weight" not in theirs:
        raise ValueError("no encoder of Whisper in this model.bin")
    weights = {"positions": theirs["encoder/position_encodings/encodings"]}
    for conv in ("conv1", "conv2"):
        for part in ("weight", "bias"):
            weights[f"{conv}.{part}"] = theirs[f"encoder/{conv}/{part}"]
    for number in range(sum(name.endswith("/ffn/linear_1/weight") for name in theirs)):
        before, ours = f"encoder/layer_{number}/", f"block{number}."
        for source, target in _BLOCK.items():
            parts = ("gamma", "beta") if source.endswith("layer_norm") else ("weight", "bias")
            weights[f"{ours}{target}.weight"] = theirs[f"{before}{source}/{parts[0]}"]
            weights[f"{ours}{target}.bias"] = theirs[f"{before}{source}/{parts[1]}"]
        for part in ("weight", "bias"):
            three = np.split(theirs[f"{before}self_attention/linear_0/{part}"], 3)
            for name, array in zip(("query", "key", "value"), three, strict=True):
                weights[f"{ours}{name}.{part}"] = array
    return weights, int(theirs["encoder/num_heads"])


def _variables(content: bytes) -> Iterator[tuple[str, np.ndarray]]:
    """Little-endian: version, name, revision, count; a variable: name, rank, sizes, type, bytes."""
    file = io.BytesIO(content)

    def number(form: str) -> int:
        return struct.unpack(f"<{form}", file.read(struct.calcsize(form)))[0]

    def text() -> str:
        return file.read(number("H"))[:-1].decode()

    number("I"), text(), number("I")
    for _ in range(number("I")):
        name = text()
        shape = [number("I") for _ in range(number("B"))]
        kind, size = _TYPES[number("B")], number("I")
        array = np.frombuffer(file.read(size), kind)
        if array.size != np.prod(shape, dtype=int):
            raise ValueError(f"{name}: {array.size} values for the shape {shape}; a damaged file")
        yield name, array.reshape(shape)


def from_openai(path: Path) -> tuple[dict[str, np.ndarray], int]:
    """(weights by our names, heads) of a `.pt` file; raises `ValueError` for any other file."""
    try:
        with zipfile.ZipFile(path) as archive:
            listing = next(n for n in archive.namelist() if n.endswith("/data.pkl"))
            content = _Tensors(archive, listing).load()
        theirs, heads = content["model_state_dict"], content["dims"]["n_audio_head"]
    except (zipfile.BadZipFile, StopIteration, KeyError, TypeError) as error:
        raise ValueError(f"not a .pt file of OpenAI's Whisper ({error!r})") from error
    weights = {"positions": theirs["encoder.positional_embedding"]}
    for name, array in theirs.items():
        if match := re.fullmatch(r"encoder\.(conv[12]\.\w+)", name):
            weights[match[1]] = array
        elif match := re.fullmatch(r"encoder\.blocks\.(\d+)\.(.+)\.(weight|bias)", name):
            weights[f"block{match[1]}.{_OPENAI[match[2]]}.{match[3]}"] = array
    for name in [name for name in weights if name.endswith("key.weight")]:
        bias = name.replace("weight", "bias")  # a key has none there
        weights.setdefault(bias, np.zeros(len(weights[name]), weights[name].dtype))
    return weights, int(heads)


class _Tensors(pickle.Unpickler):
    """Reads dictionaries of tensors alone: every other name in the file is refused."""

    _STORAGES: ClassVar = {"HalfStorage": "<f2", "FloatStorage": "<f4", "LongStorage": "<i8"}

    def __init__(self, archive: zipfile.ZipFile, listing: str) -> None:
        super().__init__(io.BytesIO(archive.read(listing)))
        self._archive, self._folder = archive, listing.rpartition("/")[0]

    def find_class(self, module: str, name: str) -> object:
        if (module, name) == ("collections", "OrderedDict"):
            return dict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in self._STORAGES:
            return self._STORAGES[name]
        raise ValueError(f"the file wants to run {module}.{name}; not a file of weights alone")

    def persistent_load(self, pid: tuple) -> np.ndarray:
        _, kind, key, *_ = pid
        return np.frombuffer(self._archive.read(f"{self._folder}/data/{key}"), kind)


def _tensor(storage: np.ndarray, offset: int, size: tuple, stride: tuple, *_rest) -> np.ndarray:
    strides = [step * storage.itemsize for step in stride]
    return np.lib.stride_tricks.as_strided(storage[offset:], size, strides, writeable=False).copy()
