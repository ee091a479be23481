"""The encoder of Whisper in NumPy: two convolutions and a stack of attention blocks.

Source: Radford et al. (2023), Robust Speech Recognition via Large-Scale Weak Supervision; the
weights' names are those of OpenAI's own code, block by block.
"""

from collections.abc import Mapping

import numpy as np

_EPSILON = 1e-5  # of the layer normalisation, as in torch
Weights = Mapping[str, np.ndarray]


def blocks(mel: np.ndarray, weights: Weights, *, heads: int) -> list[np.ndarray]:
    """mel: (n_mels, T) -> the output of each block, L arrays (ceil(T / 2), D) float32."""
    x = _gelu(_convolution(mel.T, weights["conv1.weight"], weights["conv1.bias"], stride=1))
    x = _gelu(_convolution(x, weights["conv2.weight"], weights["conv2.bias"], stride=2))
    x = x + weights["positions"][: len(x)]
    outputs = []
    for number in range(depth(weights)):
        block = {
            name.removeprefix(f"block{number}."): value
            for name, value in weights.items()
            if name.startswith(f"block{number}.")
        }
        x = x + _attention(_normalised(x, block, "attention_norm"), block, heads)
        inner = _gelu(_dense(_normalised(x, block, "mlp_norm"), block, "mlp_in"))
        x = x + _dense(inner, block, "mlp_out")
        outputs.append(x)
    return outputs


def depth(weights: Weights) -> int:
    """Number of blocks."""
    return sum(name.endswith(".mlp_out.weight") for name in weights)


def _convolution(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray, *, stride: int) -> np.ndarray:
    """(T, C), kernel (D, C, 3) -> (ceil(T / stride), D); one zero at each end."""
    padded = np.pad(x, ((1, 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 3, axis=0)[::stride]  # (T', C, 3)
    return windows.reshape(len(windows), -1) @ kernel.reshape(len(kernel), -1).T + bias


def _attention(x: np.ndarray, block: Weights, heads: int) -> np.ndarray:
    """Every frame looks at every frame: (T, D) -> (T, D)."""
    query, key, value = (
        _dense(x, block, name).reshape(len(x), heads, -1).transpose(1, 0, 2)  # (heads, T, D/heads)
        for name in ("query", "key", "value")
    )
    weight = query @ key.transpose(0, 2, 1) / np.float32(np.sqrt(query.shape[-1]))
    weight = np.exp(weight - weight.max(axis=-1, keepdims=True))
    weight /= weight.sum(axis=-1, keepdims=True)
    mixed = (weight @ value).transpose(1, 0, 2).reshape(len(x), -1)
    return _dense(mixed, block, "attention_out")


def _dense(x: np.ndarray, block: Weights, name: str) -> np.ndarray:
    return x @ block[f"{name}.weight"].T + block[f"{name}.bias"]


def _normalised(x: np.ndarray, block: Weights, name: str) -> np.ndarray:
    centred = x - x.mean(axis=-1, keepdims=True)
    deviation = np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + np.float32(_EPSILON))
    return centred / deviation * block[f"{name}.weight"] + block[f"{name}.bias"]


def _gelu(x: np.ndarray) -> np.ndarray:
    from scipy.special import erf

    return x * (1 + erf(x / np.float32(np.sqrt(2)))) / 2
