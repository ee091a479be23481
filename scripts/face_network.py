"""A convolutional network kept by Keras in an .hdf5 file, written as ONNX, layer by layer.

The layers that mini-Xception is made of (Arriaga et al. 2017, arXiv:1710.07557), and no others.
Each tensor has the name of the Keras layer that makes it.
"""

from pathlib import Path

import numpy as np


def hdf5_to_onnx(path: Path) -> bytes:
    """The network with input `input`, (B, H, W, C) float32; raises `ValueError` for other layers."""
    import keras
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = keras.models.load_model(path, compile=False)
    nodes, constants = [], []

    def constant(name: str, array: np.ndarray) -> str:
        constants.append(numpy_helper.from_array(np.ascontiguousarray(array, np.float32), name))
        return name

    def node(kind: str, inputs: list[str], output: str, **settings) -> None:
        nodes.append(helper.make_node(kind, inputs, [output], name=output, **settings))

    first = model.layers[0].name
    node("Transpose", ["input"], first, perm=[0, 3, 1, 2])  # channels first from here on
    for layer in model.layers[1:]:
        name, weights = layer.name, [np.asarray(w) for w in layer.get_weights()]
        inputs = [tensor._keras_history.operation.name for tensor in _inputs(layer)]
        match type(layer).__name__:
            case "Conv2D":
                kernel = constant(f"{name}/kernel", weights[0].transpose(3, 2, 0, 1))
                bias = [constant(f"{name}/bias", weights[1])] if layer.use_bias else []
                node("Conv", [*inputs, kernel, *bias], name, **_windows(layer, layer.kernel_size))
            case "SeparableConv2D":
                depthwise = constant(f"{name}/depthwise", weights[0].transpose(2, 3, 0, 1))
                pointwise = constant(f"{name}/pointwise", weights[1].transpose(3, 2, 0, 1))
                windows = _windows(layer, layer.kernel_size)
                groups = weights[0].shape[2]
                node("Conv", [*inputs, depthwise], f"{name}/depth", group=groups, **windows)
                node("Conv", [f"{name}/depth", pointwise], name)
            case "BatchNormalization":
                parts = ("gamma", "beta", "mean", "variance")
                fitted = [constant(f"{name}/{p}", w) for p, w in zip(parts, weights, strict=True)]
                node("BatchNormalization", [*inputs, *fitted], name, epsilon=layer.epsilon)
            case "Activation":
                kind = {"relu": "Relu", "softmax": "Softmax"}[layer.activation.__name__]
                node(kind, inputs, name, **({"axis": 1} if kind == "Softmax" else {}))
            case "MaxPooling2D":
                node("MaxPool", inputs, name, **_windows(layer, layer.pool_size))
            case "Add":
                node("Add", inputs, name)
            case "GlobalAveragePooling2D":
                node("GlobalAveragePool", inputs, f"{name}/kept")
                node("Flatten", [f"{name}/kept"], name)
            case kind:
                raise ValueError(f"{path.name}: a layer {kind}, which this script does not know")
    image = helper.make_tensor_value_info("input", TensorProto.FLOAT, model.input_shape)
    result = helper.make_tensor_value_info(name, TensorProto.FLOAT, model.output_shape)
    graph = helper.make_graph(nodes, path.stem, [image], [result], constants)
    written = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(written, full_check=True)
    return written.SerializeToString(deterministic=True)


def _inputs(layer) -> list:
    tensors = layer.input
    return tensors if isinstance(tensors, list) else [tensors]


def _windows(layer, shape: tuple[int, int]) -> dict:
    """`same` of TensorFlow puts the odd pixel at the end, which is ONNX's SAME_UPPER."""
    padding = {"same": "SAME_UPPER", "valid": "VALID"}[layer.padding]
    return {"kernel_shape": shape, "strides": layer.strides, "auto_pad": padding}
