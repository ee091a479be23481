"""Visual backbones: face crops (B, F, H, W, C) in [0, 1] to features a frame, (B, F', D).

`reference` says how each of them takes out what is the person's and not the expression's:
`none` leaves it in; `first` standardises each clip and takes its first frame, near rest, from all of
them; `both` stacks those differences on the standardised frames, as further channels; `features`
takes the first frame's features from those of all frames, after the last linear layer.
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
    StandardiseClip,
    UnfoldFrames,
)


def relative_faces(faces, *, reference: str):
    """What a backbone looks at, by `reference`: (B, F, H, W, C) -> the same, `both` with 2*C."""
    if reference == "none":
        return faces
    # small differences of large numbers: in float32 whatever the rest computes in
    standard = StandardiseClip(dtype="float32")(faces)
    match reference:
        case "first":
            return LessFirstFrame(dtype="float32")(standard)
        case "both":
            less = LessFirstFrame(dtype="float32")(standard)
            return layers.Concatenate(dtype="float32")([standard, less])
    return standard


def frame_features(x, *, frames: int, reference: str, dense: int, dropout: float, penalty=None):
    """Dropout, Dense ReLU of each frame: folded (B*F, ...) -> (B, F, dense)."""
    x = layers.Dropout(dropout)(layers.Flatten()(x))
    x = layers.Dense(dense, kernel_regularizer=penalty)(x)  # (B*F, dense)
    x = UnfoldFrames(frames)(x)  # (B, F, dense)
    return layers.ReLU()(LessFirstFrame()(x) if reference == "features" else x)


def vgg(faces, *, reference: str, filters: Sequence[int], dense: int, dropout: float, l2: float):
    """Blocks of 3x3 convolution, 2x2 max pooling, bias and ReLU; then Dense: (B, F, dense).

    After Simonyan & Zisserman (2015), with one convolution a block.
    """
    penalty = keras.regularizers.L2(l2) if l2 else None
    # of several frames less their first one, that one is zero in every clip, and needed once
    alike = reference == "first" and faces.shape[1] > 1
    fold = FoldChanges() if alike else FoldFrames()
    x = fold(relative_faces(faces, reference=reference))  # -> (B*F, H, W, C)
    for width in filters:
        x = _plain(x, layers.Conv2D, width, layers.MaxPooling2D(), penalty)
    x = layers.Flatten()(x)
    return frame_features(
        SpreadFirst(faces.shape[1])(x) if alike else x,
        frames=faces.shape[1],
        reference=reference,
        dense=dense,
        dropout=dropout,
        penalty=penalty,
    )


def resnet(
    faces,
    *,
    reference: str,
    filters: Sequence[int],
    blocks: int,
    head: str,
    dense: int,
    dropout: float,
    momentum: float,
):
    """A stem, then stages of residual blocks, the first of each later stage at half the size.

    After He et al. (2016), with the two-layer blocks and the projections of its section 3.3. head:
    `mean` over the places, as there, or `flatten`, which keeps where in the face something is.
    """
    x = FoldFrames()(relative_faces(faces, reference=reference))  # -> (B*F, H, W, C)
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
    )


def inception(
    faces,
    *,
    reference: str,
    stem: int,
    cells: Sequence[int],
    head: str,
    dense: int,
    dropout: float,
    momentum: float,
):
    """A stem, then inception cells of four branches, with max pooling in front of each.

    A cell of width w lays side by side 1x1, 1x1-3x3, 1x1-5x5 convolutions and 3x3 max pooling with
    a 1x1 convolution, w channels each. After Szegedy et al. (2015), figure 2b, with the batch
    normalisation of Ioffe & Szegedy (2015). head: as in `resnet`.
    """
    x = FoldFrames()(relative_faces(faces, reference=reference))  # -> (B*F, H, W, C)
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
    )


def conv3d(faces, *, reference: str, filters: Sequence[int], dense: int, dropout: float, l2: float):
    """Blocks of 3x3x3 convolution, pooling over places, bias and ReLU; Dense: (B, F, dense).

    After Tran et al. (2015), "C3D"; only places are pooled, so that every frame's time stays for
    the temporal pooling, while each sees two more frames a block on both sides.
    """
    penalty = keras.regularizers.L2(l2) if l2 else None
    x = relative_faces(faces, reference=reference)
    for width in filters:
        x = _plain(x, layers.Conv3D, width, layers.MaxPooling3D((1, 2, 2)), penalty)
    return frame_features(
        FoldFrames()(x),
        frames=faces.shape[1],
        reference=reference,
        dense=dense,
        dropout=dropout,
        penalty=penalty,
    )


def _plain(x, convolution: type[layers.Layer], width: int, pooling: layers.Layer, penalty):
    """Convolution over 3 in each direction, pooling, bias and ReLU."""
    x = convolution(
        width,
        3,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        kernel_regularizer=penalty,
    )(x)
    return BiasRelu()(pooling(x))


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
