"""Audio encoders: any audio feature, (B, N, M, 1) or (B, N, 1), to (B, D).

Those over time have `read_padding`: false passes over the zeros in front of shorter clips, so that how
many there are changes nothing; true reads them like sound. `dense` is the width of what an encoder
hands on; None leaves the last Dense layer out.
"""

from collections.abc import Sequence

import keras
from keras import layers

from ravdess_exp.models.padding import (
    SoundSteps,
    StepChanges,
    StepStatistics,
    ZeroPadding,
    halved,
)
from ravdess_exp.models.pooling import attention
from ravdess_exp.models.wide import wide_and_deep


def time_major(feature):
    """(B, N, M, 1) -> (B, M, N): spectral frames as steps; (B, N, 1) has one step, (B, 1, N)."""
    squeezed = layers.Reshape(feature.shape[1:-1])(feature)
    if len(squeezed.shape) == 2:
        return layers.Reshape((1, squeezed.shape[1]))(squeezed)
    return layers.Permute((2, 1))(squeezed)


def _steps(feature, read_padding: bool):
    """The feature's steps (B, M, N), and which of them are sound, (B, M): None where all are read."""
    steps = time_major(feature)
    return steps, None if read_padding else SoundSteps()(steps)


def _dropped(values, rate: float):
    """Dropout; no layer where nothing is dropped."""
    return layers.Dropout(rate)(values) if rate else values


def _handed_on(summary, dense: int | None, penalty=None):
    """What the fusion is given: Dense ReLU of the summary (B, D), or the summary itself."""
    if dense is None:
        return summary
    return layers.Dense(dense, activation="relu", kernel_regularizer=penalty)(summary)


def blstm(
    feature, *, units: int, dense: int | None, dropout: float, l2: float, read_padding: bool = True
):
    """BLSTM over the frames, dropout, BLSTM to one vector, Dense ReLU: (B, N, M, 1) -> (B, dense)."""
    penalty = keras.regularizers.L2(l2) if l2 else None

    def both_ways(sequences: bool):
        lstm = layers.LSTM(units, return_sequences=sequences, kernel_regularizer=penalty)
        return layers.Bidirectional(lstm)

    steps, sound = _steps(feature, read_padding)  # (B, M, N)
    steps = both_ways(True)(steps, mask=sound)  # (B, M, 2*units)
    steps = _dropped(steps, dropout)
    summary = both_ways(False)(steps, mask=sound)  # (B, 2*units)
    return _handed_on(summary, dense, penalty)


def conv1d_lstm(
    feature,
    *,
    filters: Sequence[int],
    units: int,
    dense: int | None,
    dropout: float,
    momentum: float,
    read_padding: bool = True,
):
    """Conv1D, BatchNorm, ReLU for each of `filters`; LSTM, dropout, Dense ReLU: -> (B, dense)."""
    steps, sound = _steps(feature, read_padding)  # (B, M, N)
    for width in filters:
        steps = _conv1d(steps, width, momentum, sound)  # (B, M, width)
    summary = layers.LSTM(units)(steps, mask=sound)  # (B, units)
    return _handed_on(_dropped(summary, dropout), dense)


def conv2d(feature, *, filters: Sequence[int], dense: int | None, dropout: float, momentum: float):
    """Blocks of Conv2D, BatchNorm, ReLU, 2x2 max pooling; Flatten, Dense ReLU: -> (B, dense).

    The feature is an image of coefficients and frames; (B, N, 1) is one that is 1 wide.
    """
    x = feature if len(feature.shape) == 4 else layers.Reshape((*feature.shape[1:], 1))(feature)
    for width in filters:
        x = layers.Conv2D(width, 3, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=momentum)(x))
        x = layers.MaxPooling2D(padding="same")(x)  # `same`: a side of 1 stays 1
    return _handed_on(_dropped(layers.Flatten()(x), dropout), dense)


def dense_layers(feature, *, hidden: int, dense: int | None, dropout: float):
    """All values side by side, Dense ReLU, dropout, Dense ReLU: (B, N, 1) -> (B, dense)."""
    x = layers.Dense(hidden, activation="relu")(layers.Flatten()(feature))
    return _handed_on(_dropped(x, dropout), dense)


def conv1d_gru(
    feature,
    *,
    filters: Sequence[int],
    units: int,
    dense: int | None,
    dropout: float,
    momentum: float,
    read_padding: bool = True,
):
    """Convolutions that halve the time, a bidirectional GRU, attention pooling: -> (B, dense).

    The convolutions see 50 to 100 ms at once and leave the GRU a fraction of the steps; attention
    lets a short outburst count whatever surrounds it. Half the size of two BLSTMs. After
    Mirsamadi et al. (2017), "Automatic speech emotion recognition using recurrent neural networks
    with local attention", ICASSP.
    """
    steps, sound = _steps(feature, read_padding)  # (B, M, N)
    for width in filters:
        steps = _conv1d(steps, width, momentum, sound)
        steps, sound = halved(steps, sound)  # (B, M/2, width)
        steps = _dropped(steps, dropout / 2)
    gru = layers.Bidirectional(layers.GRU(units, return_sequences=True))
    pooled = attention(gru(steps, mask=sound), units=units, mask=sound)  # (B, 2*units)
    return _handed_on(_dropped(pooled, dropout), dense)


def statistics(
    feature,
    *,
    filters: Sequence[int],
    dense: int | None,
    dropout: float,
    momentum: float,
    read_padding: bool = True,
):
    """Statistics over time of the feature, and Dense ReLU beside them: -> (B, D + dense).

    D is 10 values a row: mean, deviation, largest, smallest, and the sizes of changes within 1, 4 and
    12 frames; each standardised over the batch. `filters`: of convolutions before, [] for none. What is
    said when is lost, and with it much that could be memorised. After the functionals of Eyben et al.
    (2010), "openSMILE", and the x-vectors of Snyder et al. (2018), ICASSP.
    """
    steps, sound = _steps(feature, read_padding)  # (B, M, N)
    for width in filters:
        steps = _conv1d(steps, width, momentum, sound)  # (B, M, width)
    known = [steps] if sound is None else [steps, sound]
    described = layers.Concatenate()([StepStatistics()(*known), StepChanges()(*known)])
    described = layers.BatchNormalization(momentum=momentum, center=False, scale=False)(described)
    return wide_and_deep(described, dense=dense, dropout=dropout)


def linear(feature, *, values: str, read_padding: bool = True):
    """Nothing learned: all values side by side, (B, N*M), or their `statistics` over time, (B, 4*N).

    A feature without time axis, (B, N, 1), has no statistics, and is given as it is, (B, N).
    """
    if values == "all" or len(feature.shape) == 3:
        return layers.Flatten()(feature)
    return _over_time(*_steps(feature, read_padding))


def _over_time(steps, sound):
    return StepStatistics()(steps) if sound is None else StepStatistics()(steps, sound)


def _conv1d(steps, width: int, momentum: float, sound=None):
    """Convolution over 3 frames, batch normalisation, ReLU: (B, M, C) -> (B, M, width).

    Where padding is not read, it stays zero, as it is beyond both ends of a clip without padding.
    """
    steps = layers.Conv1D(width, 3, padding="same", use_bias=False)(steps)
    normalise = layers.BatchNormalization(momentum=momentum)
    if sound is None:
        return layers.ReLU()(normalise(steps))
    return ZeroPadding()(layers.ReLU()(normalise(steps, mask=sound)), sound)
