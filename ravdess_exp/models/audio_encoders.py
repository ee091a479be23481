"""Audio encoders: any audio feature, (B, N, M, 1) or (B, N, 1), to (B, D)."""

import keras
from keras import layers


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
