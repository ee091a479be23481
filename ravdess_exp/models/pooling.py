"""Temporal pooling: features a frame, (B, F, D), to features a clip, (B, D')."""

from keras import layers

from ravdess_exp.models.layers import Statistics


def max_pooling(features):
    """The largest value of each feature over the frames, (B, F, D) -> (B, D)."""
    return layers.GlobalMaxPooling1D()(features)


def mean_pooling(features):
    """The mean of each feature over the frames, (B, F, D) -> (B, D)."""
    return layers.GlobalAveragePooling1D()(features)


def statistics_pooling(features):
    """Mean, deviation, maximum and minimum of each feature over the frames, (B, F, D) -> (B, 4*D)."""
    return Statistics()(features)


def gru(features, *, units: int):
    """A gated recurrent unit's last state, (B, F, D) -> (B, units)."""
    return layers.GRU(units)(features)


def lstm(features, *, units: int):
    """A long short-term memory's last state, (B, F, D) -> (B, units)."""
    return layers.LSTM(units)(features)


def attention(features, *, units: int, mask=None):
    """A learned weighted mean over the frames, (B, F, D) -> (B, D).

    mask: (B, F) bool, the frames that count; None: all. The weight of a frame is the softmax over the
    frames of v . tanh(W x + b), W with `units` rows (Bahdanau et al., 2015; as pooling: Lin et al.,
    2017, "A structured self-attentive sentence embedding").
    """
    scores = layers.Dense(units, activation="tanh")(features)  # (B, F, units)
    scores = layers.Dense(1, use_bias=False)(scores)  # (B, F, 1)
    softmax = layers.Softmax(axis=1)
    if mask is None:
        weights = softmax(scores)
    else:
        weights = softmax(scores, mask=layers.Reshape((mask.shape[1], 1))(mask))
    pooled = layers.Dot(axes=1)([weights, features])  # (B, 1, D)
    return layers.Reshape((features.shape[-1],))(pooled)
