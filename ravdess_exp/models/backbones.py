"""Visual backbones: face crops (B, K, H, W, C) in [0, 1] to features a frame, (B, F', D).

`reference` and `starts_apart`: how each takes out whose face it is; see models/reference.py.
"""

from collections.abc import Sequence

import keras
from keras import layers

from ravdess_exp.models.layers import (
    BiasRelu,
    FoldChanges,
    FoldFrames,
    LessFirstFrame,
    SpreadFirst,
    UnfoldFrames,
    WithoutFirstFrame,
)
from ravdess_exp.models.reference import relative_faces


def frame_features(
    x,
    *,
    frames: int,
    reference: str,
    dense: int | None,
    dropout: float,
    penalty=None,
    starts_apart: bool = False,
):
    """Dropout, Dense ReLU of each frame: folded (B*K, ...) of K = `frames` -> (B, F, dense).

    dense: None hands on all D values of a frame as they are, (B, F, D), without a further ReLU.
    """
    x = layers.Flatten()(x)
    x = layers.Dropout(dropout)(x) if dropout else x
    if dense is not None:
        x = layers.Dense(dense, kernel_regularizer=penalty)(x)  # (B*K, dense)
    x = UnfoldFrames(frames)(x)  # (B, K, dense)
    if reference == "features":
        x = LessFirstFrame()(x)
        x = WithoutFirstFrame()(x) if starts_apart else x
    return x if dense is None else layers.ReLU()(x)


def given(features, *, dense: int | None, dropout: float):
    """Features that preparation made, (B, F, D), as they are, or after dropout and Dense ReLU.

    dense: values a frame, (B, F, dense); None: all of them, and no ReLU.
    """
    x = layers.Dropout(dropout)(features) if dropout else features
    return x if dense is None else layers.Dense(dense, activation="relu")(x)


def vgg(
    faces,
    *,
    reference: str,
    filters: Sequence[int],
    dense: int | None,
    dropout: float,
    l2: float,
    convolutions: int = 1,
    starts_apart: bool = False,
):
    """Blocks of 3x3 convolutions with ReLU and 2x2 max pooling; then Dense: (B, F, dense).

    After Simonyan & Zisserman (2015), whose blocks have two to four `convolutions`.
    """
    penalty = keras.regularizers.L2(l2) if l2 else None
    faces = relative_faces(faces, reference=reference, starts_apart=starts_apart)
    # of several frames less one of them, that one is zero in every clip, and needed once
    alike = reference == "first" and not starts_apart and faces.shape[1] > 1
    x = (FoldChanges() if alike else FoldFrames())(faces)  # -> (B*F, H, W, C)
    for width in filters:
        for _ in range(convolutions - 1):
            x = _plain(x, layers.Conv2D, width, None, penalty)
        x = _plain(x, layers.Conv2D, width, layers.MaxPooling2D(), penalty)
    x = layers.Flatten()(x)
    return frame_features(
        SpreadFirst(faces.shape[1])(x) if alike else x,
        frames=faces.shape[1],
        reference=reference,
        dense=dense,
        dropout=dropout,
        penalty=penalty,
        starts_apart=starts_apart,
    )


def resnet(
    faces,
    *,
    reference: str,
    filters: Sequence[int],
    blocks: int,
    head: str,
    dense: int | None,
    dropout: float,
    momentum: float,
    starts_apart: bool = False,
):
    """A stem, then stages of residual blocks, the first of each later stage at half the size.

    After He et al. (2016), with the two-layer blocks and the projections of its section 3.3. head:
    `mean` over the places, as there, or `flatten`, which keeps where in the face something is.
    """
    faces = relative_faces(faces, reference=reference, starts_apart=starts_apart)
    x = FoldFrames()(faces)  # -> (B*F, H, W, C)
    x = layers.MaxPooling2D()(_normed(x, filters[0], 3, momentum))
    for stage, width in enumerate(filters):
        for block in range(blocks):
            stride = 2 if stage and not block else 1
            x = _residual(x, width, stride, momentum)
    return frame_features(
        _head(x, head),
        frames=faces.shape[1],
        reference=reference,
        dense=dense,
        dropout=dropout,
        starts_apart=starts_apart,
    )


def inception(
    faces,
    *,
    reference: str,
    stem: int,
    cells: Sequence[int],
    head: str,
    dense: int | None,
    dropout: float,
    momentum: float,
    starts_apart: bool = False,
):
    """A stem, then inception cells of four branches, with max pooling in front of each.

    A cell of width w lays side by side 1x1, 1x1-3x3, 1x1-5x5 convolutions and 3x3 max pooling with
    a 1x1 convolution, w channels each. After Szegedy et al. (2015), figure 2b, with the batch
    normalisation of Ioffe & Szegedy (2015). head: as in `resnet`.
    """
    faces = relative_faces(faces, reference=reference, starts_apart=starts_apart)
    x = FoldFrames()(faces)  # -> (B*F, H, W, C)
    x = _normed(x, stem, 3, momentum)
    for width in cells:
        x = layers.MaxPooling2D()(x)
        branches = [
            _normed(x, width, 1, momentum),
            _normed(_normed(x, width, 1, momentum), width, 3, momentum),
            _normed(_normed(x, width, 1, momentum), width, 5, momentum),
            _normed(layers.MaxPooling2D(3, strides=1, padding="same")(x), width, 1, momentum),
        ]
        x = layers.Concatenate()(branches)  # (B*F, h, w, 4*width)
    x = layers.MaxPooling2D()(x) if head == "flatten" else x
    return frame_features(
        _head(x, head),
        frames=faces.shape[1],
        reference=reference,
        dense=dense,
        dropout=dropout,
        starts_apart=starts_apart,
    )


def conv3d(
    faces,
    *,
    reference: str,
    filters: Sequence[int],
    dense: int | None,
    dropout: float,
    l2: float,
    starts_apart: bool = False,
):
    """Blocks of 3x3x3 convolution, pooling over places, bias and ReLU; Dense: (B, F, dense).

    After Tran et al. (2015), "C3D"; only places are pooled, so that every frame's time stays for
    the temporal pooling, while each sees two more frames a block on both sides.
    """
    penalty = keras.regularizers.L2(l2) if l2 else None
    x = faces = relative_faces(faces, reference=reference, starts_apart=starts_apart)
    for width in filters:
        x = _plain(x, layers.Conv3D, width, layers.MaxPooling3D((1, 2, 2)), penalty)
    return frame_features(
        FoldFrames()(x),
        frames=faces.shape[1],
        reference=reference,
        dense=dense,
        dropout=dropout,
        penalty=penalty,
        starts_apart=starts_apart,
    )


def _plain(x, convolution: type[layers.Layer], width: int, pooling: layers.Layer | None, penalty):
    """Convolution over 3 in each direction, pooling if there is one, bias and ReLU."""
    x = convolution(
        width,
        3,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        kernel_regularizer=penalty,
    )(x)
    return BiasRelu()(pooling(x) if pooling else x)


def _normed(x, width: int, size: int, momentum: float, *, stride: int = 1, relu: bool = True):
    """Convolution, batch normalisation and, unless `relu` is false, ReLU."""
    x = layers.Conv2D(
        width,
        size,
        strides=stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )(x)
    x = layers.BatchNormalization(momentum=momentum)(x)
    return layers.ReLU()(x) if relu else x


def _residual(x, width: int, stride: int, momentum: float):
    """Two 3x3 convolutions beside a shortcut, a 1x1 projection where the shape changes."""
    shortcut = x
    if stride != 1 or x.shape[-1] != width:
        shortcut = _normed(x, width, 1, momentum, stride=stride, relu=False)
    y = _normed(x, width, 3, momentum, stride=stride)
    y = _normed(y, width, 3, momentum, relu=False)
    return layers.ReLU()(layers.Add()([y, shortcut]))


def _head(x, head: str):
    """(B*F, h, w, C): the mean over the places, (B*F, C), or as it is."""
    return layers.GlobalAveragePooling2D()(x) if head == "mean" else x
