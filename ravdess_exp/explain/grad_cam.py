"""Which part of the face a convolutional network went by: its last convolution's map, weighed by gradients.

After Selvaraju et al. (2017), "Grad-CAM: visual explanations from deep networks via gradient-based
localization", ICCV. There the gradients are averaged over the places first, which is right for networks
that average over the places themselves. Ours keep the places apart (`head: flatten`), so each place is
weighed by its own gradients, as Draelos & Carin (2020), "Use HiResCAM instead of Grad-CAM for faithful
explanations of convolutional neural networks", do; for a network that averages, both are the same.
"""

import keras
import numpy as np

from ravdess_exp.explain.evidence import gradient, less_rounding

_CONVOLUTIONS = (
    keras.layers.Conv2D,
    keras.layers.Conv3D,
    keras.layers.DepthwiseConv2D,
    keras.layers.SeparableConv2D,
)


def convolved(model: keras.Model) -> keras.KerasTensor | None:
    """The last tensor (rows, h, w, C) or (B, rows, h, w, C) behind a convolution over the crops.

    None where there is none, or where it has no places left.
    """
    video = next((tensor for tensor in model.inputs if tensor.name == "video"), None)
    if video is None:
        return None
    for layer in reversed(model.layers):
        tensor = layer.output
        if len(tensor.shape) not in (4, 5) or 1 in tensor.shape[-3:-1]:
            continue
        try:
            part = keras.Model(video, tensor)
        except ValueError:  # of the sound, or of both
            continue
        if any(map(_convolves, part.layers)):
            return tensor
    return None


def grad_cam(
    model: keras.Model,
    inputs: list[np.ndarray],
    tensor: keras.KerasTensor,
    *,
    explained: int,
    frames: int,
) -> np.ndarray:
    """(F, h, w): what in the map speaks for the class, 0 where something speaks against it.

    inputs: of one clip, as of `tensors`; tensor: of `convolved`; frames: F, without a reference.
    """
    values, slopes = gradient(model, inputs, tensor, explained)
    product = (values * slopes).sum(axis=-1)  # (rows, h, w), of 3D convolutions (1, rows, h, w)
    product = product.reshape(-1, *product.shape[-2:])[-frames:]
    return less_rounding(np.maximum(product, 0), float(np.abs(product).sum()))


def _convolves(layer: keras.Layer) -> bool:
    if isinstance(layer, keras.Model):
        return any(map(_convolves, layer.layers))
    return isinstance(layer, _CONVOLUTIONS)
