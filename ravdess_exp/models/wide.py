"""What is given beside what is learned from it, so that a branch is never worse than a linear one."""

from keras import layers


def wide_and_deep(features, *, dense: int, dropout: float):
    """Dropout, then the features beside Dense ReLU of them: (B, ..., D) -> (B, ..., D + dense).

    What a softmax behind it learns is the sum of a linear model and of a small network. After Cheng
    et al. (2016), "Wide & deep learning for recommender systems", DLRS.
    """
    wide = layers.Dropout(dropout)(features)
    deep = layers.Dense(dense, activation="relu")(wide)
    return layers.Concatenate()([wide, layers.Dropout(dropout / 2)(deep)])
