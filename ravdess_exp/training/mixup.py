"""Clips between clips: samples of a batch mixed with one another, labels included."""

from collections.abc import Sequence

import numpy as np


def mixed(parts: Sequence[np.ndarray], alpha: float, rng: np.random.Generator) -> list[np.ndarray]:
    """Each sample with a share of another one of the batch: arrays (B, ...) -> the same shapes.

    parts: inputs and one-hot labels, all float32; a sample has one partner and one share in all of
    them. The share comes from Beta(alpha, alpha). Source: Zhang et al. (2018), "mixup: beyond
    empirical risk minimization", ICLR.
    """
    count = len(parts[0])
    partners = rng.permutation(count)
    shares = rng.beta(alpha, alpha, count).astype(np.float32)
    blended = []
    for part in parts:
        share = shares.reshape(-1, *[1] * (part.ndim - 1))
        blended.append(share * part + (1 - share) * part[partners])
    return blended
