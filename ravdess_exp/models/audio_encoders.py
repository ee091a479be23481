"""Audio encoders: any audio feature, (B, N, M, 1) or (B, N, 1), to (B, D)."""

from collections.abc import Sequence

import keras
from keras import layers

from ravdess_exp.models.pooling import attention


def time_major(feature):
    """(B, N, M, 1) -> (B, M, N): spectral frames as steps; (B, N, 1) has one step, (B, 1, N)."""
    squeezed = layers.Reshape(feature.shape[1:-1])(feature)
    if len(squeezed.shape) == 2:
        return layers.Reshape((1, squeezed.shape[1]))(squeezed)
    return layers.Permute((2, 1))(squeezed)


def blstm(feature, *, units: int, dense: int, dropout: float, l2: float):
    """BLSTM over the frames, dropout, BLSTM to one vector, Dense ReLU: (B, N, M, 1) -> (B, dense)."""
    penalty = keras.regularizers.L2(l2) if l2 else None

    def both_ways(sequences: bool):
        lstm = layers.LSTM(units, return_sequences=sequences, kernel_regularizer=penalty)
        return layers.Bidirectional(lstm)

    steps = time_major(feature)  # (B, M, N)
    steps = both_ways(True)(steps)  # (B, M, 2*units)
    steps = layers.Dropout(dropout)(steps)
    summary = both_ways(False)(steps)  # (B, 2*units)
    return layers.Dense(dense, activation="relu", kernel_regularizer=penalty)(summary)


def conv1d_lstm(
    feature, *, filters: Sequence[int], units: int, dense: int, dropout: float, momentum: float
):
    """Conv1D, BatchNorm, ReLU for each of `filters`; LSTM, dropout, Dense ReLU: -> (B, dense)."""
    steps = time_major(feature)  # (B, M, N)
    for width in filters:
        steps = _conv1d(steps, width, momentum)  # (B, M, width)
    summary = layers.LSTM(units)(steps)  # (B, units)
    return layers.Dense(dense, activation="relu")(layers.Dropout(dropout)(summary))


def conv2d(feature, *, filters: Sequence[int], dense: int, dropout: float, momentum: float):
    """Blocks of Conv2D, BatchNorm, ReLU, 2x2 max pooling; Flatten, Dense ReLU: -> (B, dense).

    The feature is an image of coefficients and frames; (B, N, 1) is one that is 1 wide.
    """
    x = feature if len(feature.shape) == 4 else layers.Reshape((*feature.shape[1:], 1))(feature)
    for width in filters:
        x = layers.Conv2D(width, 3, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=momentum)(x))
        x = layers.MaxPooling2D(padding="same")(x)  # `same`: a side of 1 stays 1
    x = layers.Dropout(dropout)(layers.Flatten()(x))
    return layers.Dense(dense, activation="relu")(x)


def dense_layers(feature, *, hidden: int, dense: int, dropout: float):
    """All values side by side, Dense ReLU, dropout, Dense ReLU: (B, N, 1) -> (B, dense)."""
    x = layers.Dense(hidden, activation="relu")(layers.Flatten()(feature))
    return layers.Dense(dense, activation="relu")(layers.Dropout(dropout)(x))


def conv1d_gru(
    feature, *, filters: Sequence[int], units: int, dense: int, dropout: float, momentum: float
):
    """Convolutions that halve the time, a bidirectional GRU, attention pooling: -> (B, dense).

    The convolutions see 50 to 100 ms at once and leave the GRU a fraction of the steps; attention
    lets a short outburst count whatever surrounds it. Half the size of two BLSTMs. After
    Mirsamadi et al. (2017), "Automatic speech emotion recognition using recurrent neural networks
    with local attention", ICASSP.
    """
    steps = time_major(feature)  # (B, M, N)
    for width in filters:
        steps = _conv1d(steps, width, momentum)
        steps = layers.MaxPooling1D(padding="same")(steps)  # (B, M/2, width)
        steps = layers.Dropout(dropout / 2)(steps)
    steps = layers.Bidirectional(layers.GRU(units, return_sequences=True))(steps)
    pooled = attention(steps, units=units)  # (B, 2*units)
    return layers.Dense(dense, activation="relu")(layers.Dropout(dropout)(pooled))


def _conv1d(steps, width: int, momentum: float):
    """Convolution over 3 frames, batch normalisation, ReLU: (B, M, C) -> (B, M, width)."""
    steps = layers.Conv1D(width, 3, padding="same", use_bias=False)(steps)
    return layers.ReLU()(layers.BatchNormalization(momentum=momentum)(steps))
