"""A network of `keras.applications` as visual backbone, its weights from the net or from a file."""

import difflib
from pathlib import Path

import keras
from keras import layers

from ravdess_exp.errors import ConfigError
from ravdess_exp.models.backbones import frame_features
from ravdess_exp.models.layers import ApplicationInput, FoldFrames, WithoutFirstFrame


def pretrained(
    faces,
    *,
    model: str,
    weights: str | None,
    frozen_to: str | None,
    resize: int | None,
    reference: str,
    dense: int | None,
    dropout: float,
    starts_apart: bool = False,
):
    """`keras.applications.MODEL` without its top, the mean over places, Dense: (B, F, dense).

    weights: None starts at random, `imagenet` downloads, anything else is a file that
    `load_weights` of this network takes. frozen_to: the last layer, in the network's own order,
    that does not learn; `all` of them, or None. resize: side in pixels that crops are brought to.
    Each network gets the input it was trained on (`preprocess_input`). Raises `ConfigError` where
    weights are missing or do not fit, or there is no such layer.
    """
    if starts_apart and reference == "none":
        faces = WithoutFirstFrame()(faces)
    x = FoldFrames()(faces)  # -> (B*F, H, W, C)
    if x.shape[-1] == 1:
        x = layers.Concatenate()([x, x, x])  # gray: these networks take three channels
    if resize:
        x = layers.Resizing(resize, resize)(x)
    network = _network(model, x.shape[1:], weights)
    _freeze(network, frozen_to)
    x = network(ApplicationInput(model)(x))  # (B*F, D)
    return frame_features(
        x,
        frames=faces.shape[1],
        reference=reference,
        dense=dense,
        dropout=dropout,
        starts_apart=starts_apart,
    )


def _network(model: str, shape: tuple, weights: str | None) -> keras.Model:
    build = getattr(keras.applications, model)
    key = f"visual.weights={weights}"
    if weights not in (None, "imagenet") and not Path(weights).is_file():
        raise ConfigError(f"{key}: no such file")
    try:
        return build(include_top=False, weights=weights, input_shape=shape, pooling="avg")
    except (ValueError, OSError) as error:
        reason = " ".join(str(error).split())[:300]
        if weights is None:
            raise ConfigError(f"visual.model={model}: cannot be built ({reason})") from error
        raise ConfigError(
            f"{key}: cannot be used as weights of {model} without its top ({reason})"
        ) from error
    except Exception as error:
        if weights != "imagenet":
            raise
        raise ConfigError(
            f"{key}: the download failed ({error}); fetch the file elsewhere and give its path"
        ) from error


def _freeze(network: keras.Model, frozen_to: str | None) -> None:
    """Layers up to and including this one do not learn; batch normalisation there stays as it is."""
    if frozen_to is None:
        return
    names = [layer.name for layer in network.layers]
    if frozen_to != "all" and frozen_to not in names:
        close = difflib.get_close_matches(frozen_to, names, n=3, cutoff=0.3)
        raise ConfigError(
            f"visual.frozen_to={frozen_to}: no such layer in {network.name}, expected null, all or "
            f"one such as {', '.join(close or names[1:4])}"
        )
    last = len(names) - 1 if frozen_to == "all" else names.index(frozen_to)
    for layer in network.layers[: last + 1]:
        layer.trainable = False
