"""Visual backbones: face crops (B, F, H, W, 3) in [0, 1] to features a frame, (B, F', D)."""

from collections.abc import Sequence

import keras
from keras import layers

from ravdess_exp.models.layers import BiasRelu, FoldFrames, UnfoldFrames


def vgg(faces, *, filters: Sequence[int], dense: int, dropout: float, l2: float):
    """Blocks of 3x3 convolution, 2x2 max pooling, bias and ReLU; then Dense: (B, F, dense)."""
    penalty = keras.regularizers.L2(l2) if l2 else None
    x = FoldFrames()(faces)  # (B, F, H, W, 3) -> (B*F, H, W, 3)
    for width in filters:
        x = layers.Conv2D(width, 3, padding="same", use_bias=False, kernel_regularizer=penalty)(x)
        x = layers.MaxPooling2D()(x)
        x = BiasRelu()(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(dropout)(x)
    x = layers.Dense(dense, activation="relu", kernel_regularizer=penalty)(x)  # (B*F, dense)
    return UnfoldFrames(faces.shape[1])(x)
