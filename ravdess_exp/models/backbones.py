"""Visual backbones: face crops (B, F, H, W, 3) in [0, 1] to features a frame, (B, F', D)."""

from collections.abc import Sequence

import keras
from keras import layers

from ravdess_exp.models.layers import (
    BiasRelu,
    FoldFrames,
    LessFirstFrame,
    StandardiseClip,
    UnfoldFrames,
)


def relative_faces(faces, *, reference: str):
    """Take out what is the person's: (B, F, H, W, 3) -> the same shape.

    reference: `first` standardises each clip and takes its first frame from all of them; `none`
    leaves the pixels as they are. Every backbone starts with it.
    """
    return LessFirstFrame()(StandardiseClip()(faces)) if reference == "first" else faces


def vgg(faces, *, reference: str, filters: Sequence[int], dense: int, dropout: float, l2: float):
    """Blocks of 3x3 convolution, 2x2 max pooling, bias and ReLU; then Dense: (B, F, dense)."""
    penalty = keras.regularizers.L2(l2) if l2 else None
    x = FoldFrames()(relative_faces(faces, reference=reference))  # -> (B*F, H, W, 3)
    for width in filters:
        x = layers.Conv2D(
            width,
            3,
            padding="same",
            use_bias=False,
            kernel_initializer="he_normal",
            kernel_regularizer=penalty,
        )(x)
        x = layers.MaxPooling2D()(x)
        x = BiasRelu()(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(dropout)(x)
    x = layers.Dense(dense, activation="relu", kernel_regularizer=penalty)(x)  # (B*F, dense)
    return UnfoldFrames(faces.shape[1])(x)
