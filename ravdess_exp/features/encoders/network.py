"""A frozen network in an .onnx file, run by onnxruntime on one thread."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ravdess_exp.command import install_command
from ravdess_exp.errors import ConfigError, FeatureError
from ravdess_exp.features.encoders.graph import Graph, read_graph, with_outputs


@dataclass(frozen=True)
class Network:
    """path: for messages. shape: of its input `name`, a number or a name for each axis."""

    path: str
    session: Any
    name: str
    shape: tuple[int | str | None, ...]

    def __call__(self, value: np.ndarray, tensors: Sequence[str]) -> list[np.ndarray]:
        """These tensors for this input, float32; raises `ConfigError` where it does not fit."""
        self._fits(value)
        try:
            outputs = self.session.run(list(tensors), {self.name: value.astype(np.float32)})
        except Exception as error:
            reason = str(error).splitlines()[0]
            raise FeatureError(
                f"{Path(self.path).name} does not take this clip ({reason})"
            ) from error
        return [np.asarray(output, np.float32) for output in outputs]

    def _fits(self, value: np.ndarray) -> None:
        pairs = zip(self.shape, value.shape, strict=False)
        if len(self.shape) != value.ndim or any(
            isinstance(size, int) and size != found for size, found in pairs
        ):
            raise ConfigError(
                f"{self.path}: its input {self.name} is {list(self.shape)}, and what it is given "
                f"is {list(value.shape)}: another kind of input, or of another size"
            )


@functools.lru_cache(maxsize=2)
def load_network(path: str, digest: str, tensors: tuple[str, ...]) -> Network:
    """Read once a process; digest: of the content. Raises `ConfigError` where it cannot be used."""
    del digest
    onnxruntime = _runtime()
    content = Path(path).read_bytes()
    graph = graph_of(path, content)
    _known(path, graph, tensors)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    inner = tuple(name for name in tensors if name not in graph.outputs)
    try:
        session = onnxruntime.InferenceSession(
            with_outputs(content, inner), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:
        raise ConfigError(
            f"{path}: onnxruntime cannot read it ({str(error).splitlines()[0]})"
        ) from error
    first, *others = session.get_inputs()
    if others:
        raise ConfigError(f"{path}: {len(others) + 1} inputs, expected one")
    return Network(path, session, first.name, tuple(first.shape))


def graph_of(path: str, content: bytes) -> Graph:
    """What the file has; raises `ConfigError` with its path."""
    try:
        return read_graph(content)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def _known(path: str, graph: Graph, tensors: tuple[str, ...]) -> None:
    for name in tensors:
        if name not in graph.tensors:
            shown = ", ".join(graph.tensors[-12:])
            raise ConfigError(
                f"{path}: no tensor {name}; it has {len(graph.tensors)}, the last of them {shown}"
            )


def _runtime() -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise ConfigError(
            f"an encoder in an .onnx file needs onnxruntime: {install_command('onnx')}"
        ) from error
    return onnxruntime
