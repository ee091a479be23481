"""The formats that a network is written in: by which converter, and what runs it.

Both converters are those that Keras 3 itself calls in `Model.export`.
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import keras
import numpy as np

from ravdess_exp.command import install_command
from ravdess_exp.errors import ConfigError

OUTPUT = "emotion"  # the name of the probabilities in an .onnx file
_OF_SIGNATURE = "output_0"  # what Keras calls them in the signature of a .tflite file
_BATCH = "batch"


@dataclass(frozen=True, kw_only=True)
class Format:
    """A kind of file.

    batch: how many clips a network of it takes at once, None for any number; output: the name of what
    it gives; needs: packages that an extra of the installation brings; write: a model to a path;
    open: a path as a function that takes the inputs by name, each (B, ...) float32, and gives
    probabilities (B, classes).
    """

    name: str
    suffix: str
    batch: int | None
    output: str
    needs: tuple[str, ...]
    write: Callable[[keras.Model, Path], None]
    open: Callable[[Path], Callable[[Mapping[str, np.ndarray]], np.ndarray]]

    def require_installed(self) -> None:
        """Raise `ConfigError` where a package of it is missing."""
        missing = [package for package in self.needs if find_spec(package) is None]
        if missing:
            raise ConfigError(
                f"--to {self.name} needs {', '.join(missing)}, which an extra brings: "
                f"{install_command('export')}"
            )


def _signature(model: keras.Model, batch: int | None) -> list:
    return [
        [keras.InputSpec(shape=(batch, *t.shape[1:]), dtype=t.dtype, name=t.name) for t in model.inputs]
    ]  # fmt: skip


def _write_onnx(model: keras.Model, path: Path) -> None:
    """With inputs `audio` and `video`, any number of clips at once, and one output."""
    import onnx

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of NumPy, at Keras's patch of tf2onnx
        model.export(path, format="onnx", verbose=False, input_signature=_signature(model, None))
    network = onnx.load(path)
    _rename_output(network.graph)
    for tensor in (*network.graph.input, *network.graph.output):
        tensor.type.tensor_type.shape.dim[0].dim_param = _BATCH
    onnx.checker.check_model(network)
    onnx.save(network, path)


def _rename_output(graph) -> None:
    """`Identity:0` says nothing of what it is."""
    old = graph.output[0].name
    graph.output[0].name = OUTPUT
    for node in graph.node:
        for tensors in (node.input, node.output):
            for number, name in enumerate(tensors):
                if name == old:
                    tensors[number] = OUTPUT


def _open_onnx(path: Path) -> Callable:
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return lambda inputs: session.run([OUTPUT], dict(inputs))[0]


def _write_tflite(model: keras.Model, path: Path) -> None:
    """With TFLite's own operators alone, so that every interpreter runs it.

    For one clip at a time: with a batch of any size, the steps of an LSTM have no shape that it knows.
    """
    import tensorflow as tf

    model.export(
        path,
        format="litert",
        verbose=False,
        input_signature=_signature(model, 1),
        target_spec={"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS]},
    )


def _open_tflite(path: Path) -> Callable:
    import tensorflow as tf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it moves to a package of its own
        interpreter = tf.lite.Interpreter(str(path))
    call = interpreter.get_signature_runner()

    def run(inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        count = len(next(iter(inputs.values())))
        clips = [{name: of[i : i + 1] for name, of in inputs.items()} for i in range(count)]
        return np.concatenate([call(**clip)[_OF_SIGNATURE] for clip in clips])

    return run


FORMATS = {
    "onnx": Format(
        name="onnx",
        suffix=".onnx",
        batch=None,
        output=OUTPUT,
        needs=("tf2onnx", "onnx", "onnxruntime"),
        write=_write_onnx,
        open=_open_onnx,
    ),
    "tflite": Format(
        name="tflite",
        suffix=".tflite",
        batch=1,
        output=_OF_SIGNATURE,
        needs=(),  # TensorFlow has the converter and the interpreter
        write=_write_tflite,
        open=_open_tflite,
    ),
}
