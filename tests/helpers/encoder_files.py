"""Small encoders with random weights, in files as `scripts/fetch_weights.py` writes them.

ONNX files are made without the package `onnx`: a message is a list of (field number, value).
"""

import json
import struct
from pathlib import Path

import numpy as np

FACTS = {"name": "a small encoder", "licence": "MIT", "trained_on": "random numbers"}
HEADS, WIDTH, DEPTH, MELS = 2, 8, 3, 80


def whisper_weights(seed: int = 0, *, depth: int = DEPTH, width: int = WIDTH) -> dict:
    """Weights of a Whisper's encoder, by our names, float16."""
    rng = np.random.default_rng(seed)

    def random(*shape: int) -> np.ndarray:
        return rng.normal(0, 0.3, shape).astype(np.float16)

    weights = {
        "positions": random(1500, width),
        "conv1.weight": random(width, MELS, 3),
        "conv1.bias": random(width),
        "conv2.weight": random(width, width, 3),
        "conv2.bias": random(width),
    }
    shapes = {name: (width, width) for name in ("query", "key", "value", "attention_out")}
    shapes |= {"mlp_in": (4 * width, width), "mlp_out": (width, 4 * width)}
    shapes |= {name: (width,) for name in ("attention_norm", "mlp_norm")}
    for block in range(depth):
        for name, shape in shapes.items():
            weights[f"block{block}.{name}.weight"] = random(*shape)
            weights[f"block{block}.{name}.bias"] = random(shape[0])
    return weights


def write_whisper(path: Path, *, facts: dict = FACTS, weights: dict | None = None) -> Path:
    """A Whisper's encoder of three blocks of eight channels."""
    stated = np.array(json.dumps({"heads": HEADS, **facts}))
    np.savez(path, facts=stated, **(weights or whisper_weights()))
    return path


def message(*fields: tuple[int, object]) -> bytes:
    """A protobuf message: numbers as varints, text and bytes with their length."""
    parts = []
    for number, value in fields:
        if isinstance(value, int):
            parts.append(_varint(number << 3) + _varint(value))
        else:
            content = value.encode() if isinstance(value, str) else value
            parts.append(_varint(number << 3 | 2) + _varint(len(content)) + content)
    return b"".join(parts)


def _varint(number: int) -> bytes:
    parts = []
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def node(kind: str, inputs: list[str], output: str, *attributes: bytes) -> bytes:
    """A node of a graph with one output."""
    fields = [(1, name) for name in inputs] + [(2, output), (4, kind)]
    return message(*fields, *((5, attribute) for attribute in attributes))


def integers(name: str, values: list[int]) -> bytes:
    """An attribute of several integers."""
    return message((1, name), *((8, value) for value in values), (20, 7))


def tensor(name: str, values: np.ndarray) -> bytes:
    """A constant of the graph, float32."""
    sizes = [(1, size) for size in values.shape]
    raw = struct.pack(f"<{values.size}f", *values.ravel())
    return message(*sizes, (2, 1), (8, name), (9, raw))


def value_info(name: str, shape: tuple[int | str, ...]) -> bytes:
    """Name and shape of an input or output, float32."""
    sizes = [message((1 if isinstance(size, int) else 2, size)) for size in shape]
    return message(
        (1, name), (2, message((1, message((1, 1), (2, message(*((1, s) for s in sizes)))))))
    )


def onnx_file(
    path: Path,
    nodes: list[bytes],
    *,
    inputs: dict[str, tuple],
    outputs: dict[str, tuple],
    constants: dict[str, np.ndarray] | None = None,
    facts: dict | None = FACTS,
) -> Path:
    """A model of these nodes."""
    graph = message(
        *((1, one) for one in nodes),
        (2, "small"),
        *((5, tensor(name, values)) for name, values in (constants or {}).items()),
        *((11, value_info(name, shape)) for name, shape in inputs.items()),
        *((12, value_info(name, shape)) for name, shape in outputs.items()),
    )
    properties = [(14, message((1, key), (2, fact))) for key, fact in (facts or {}).items()]
    path.write_bytes(message((1, 8), (7, graph), (8, message((2, 17))), *properties))
    return path


def write_sound_network(path: Path, *, frames: int | str = "time", **more) -> Path:
    """Four layers (1, T, 8) of a mel (1, 80, T): `add_146`, `add_268`, `add_390`, `add_512`."""
    rng = np.random.default_rng(0)
    names = ["add_146", "add_268", "add_390", "add_512"]
    nodes = [node("Transpose", ["input_features"], "steps", integers("perm", [0, 2, 1]))]
    constants, before = {}, "steps"
    for name in names:
        width = MELS if before == "steps" else WIDTH
        constants[f"{name}/kernel"] = rng.normal(0, 1, (width, WIDTH)).astype(np.float32)
        nodes += [
            node("MatMul", [before, f"{name}/kernel"], f"{name}/product"),
            node("Tanh", [f"{name}/product"], name),
        ]
        before = name
    nodes.append(node("Identity", [before], "logits"))
    return onnx_file(
        path,
        nodes,
        inputs={"input_features": (1, MELS, frames)},
        outputs={"logits": (1, frames, WIDTH)},
        constants=constants,
        **more,
    )


def write_face_network(path: Path, **more) -> Path:
    """A layer `add_4` (1, 2, 16, 16) of a gray picture (1, 64, 64, 1)."""
    kernel = np.random.default_rng(0).normal(0, 0.3, (2, 1, 4, 4)).astype(np.float32)
    nodes = [
        node("Transpose", ["input"], "image", integers("perm", [0, 3, 1, 2])),
        node("Conv", ["image", "kernel"], "add_4", integers("strides", [4, 4])),
        node("GlobalAveragePool", ["add_4"], "predictions"),
    ]
    return onnx_file(
        path,
        nodes,
        inputs={"input": ("batch", 64, 64, 1)},
        outputs={"predictions": ("batch", 2, 1, 1)},
        constants={"kernel": kernel},
        **more,
    )


def write_encoders(folder: Path) -> Path:
    """What `conf/` names, as small as that: the folder is for RAVDESS_WEIGHTS."""
    write_whisper(folder / "whisper_base.npz", weights=whisper_weights(depth=5))
    write_whisper(folder / "whisper_tiny_en.npz", weights=whisper_weights(depth=4))
    write_sound_network(folder / "smart_turn.onnx")
    write_face_network(folder / "fer.onnx")
    return folder
