"""Temporal pooling: features a frame, (B, F, D), to features a clip, (B, D')."""

from keras import layers


def max_pooling(features):
    """The largest value of each feature over the frames, (B, F, D) -> (B, D)."""
    return layers.GlobalMaxPooling1D()(features)
