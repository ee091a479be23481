"""Which layer of a model is it that a format cannot take?"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import keras
from keras import tree

from ravdess_exp.export.formats import Format

_FLOAT = "float32"


def other_precision(model: keras.Model) -> keras.Layer | None:
    """The first layer that computes in another type than float32; None where none does."""
    for layer in _layers(model):
        if layer.compute_dtype not in (_FLOAT, "bool", "int32"):
            return layer
    return None


def refused_layer(model: keras.Model, format_: Format) -> keras.Layer | None:
    """The first layer that cannot be converted by itself; None where each of them can."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"layer{format_.suffix}")
        return next((layer for layer in _layers(model) if not _takes(layer, format_, path)), None)


def _layers(model: keras.Model) -> Iterator[keras.Layer]:
    """Every layer in order, those of models within it too."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _layers(layer)
        elif not isinstance(layer, keras.layers.InputLayer):
            yield layer


def _takes(layer: keras.Layer, format_: Format, path: Path) -> bool:
    node = layer._inbound_nodes[0]
    tensors = iter([keras.Input(t.shape[1:], dtype=t.dtype) for t in node.input_tensors])
    arguments, options = tree.map_structure(
        lambda value: next(tensors) if isinstance(value, keras.KerasTensor) else value,
        (node.arguments.args, node.arguments.kwargs),
    )
    given = [t for t in tree.flatten((arguments, options)) if isinstance(t, keras.KerasTensor)]
    try:
        format_.write(keras.Model(given, layer(*arguments, **options)), path)
        format_.open(path)
    except Exception:  # converters raise what their parts raise
        return False
    return True
