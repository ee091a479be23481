"""Branches to one vector, one vector to class probabilities; and the whole model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
from keras import layers

import ravdess_exp.models.gradients  # these four register our layers, which loading a model needs
import ravdess_exp.models.layers
import ravdess_exp.models.linear
import ravdess_exp.models.padding  # noqa: F401 - registers layers too
from ravdess_exp.models.late import Late, finished_model, head_name
from ravdess_exp.models.outputs import ClassOutput, Output


def concat(branches: Sequence, *, dense: int, dropout: float, l2: float):
    """Concatenate what there is, Dense ReLU, dropout if any: [(B, D), ...] -> (B, dense)."""
    penalty = keras.regularizers.L2(l2) if l2 else None
    x = layers.Concatenate()(list(branches)) if len(branches) > 1 else branches[0]
    x = layers.Dense(dense, activation="relu", kernel_regularizer=penalty)(x)
    return layers.Dropout(dropout)(x) if dropout else x


def gated(branches: Sequence, *, dense: int, dropout: float, l2: float):
    """A weighted sum of the branches: [(B, D), ...] -> (B, dense).

    Each branch is brought to `dense` values by Dense ReLU; softmax weights, one a branch, are
    computed from all branches for each clip, so that a branch that says little there counts little.
    After the gated multimodal unit of Arevalo et al. (2017), with one gate a branch.
    """
    penalty = keras.regularizers.L2(l2) if l2 else None
    values = [
        layers.Reshape((1, dense))(
            layers.Dense(dense, activation="relu", kernel_regularizer=penalty)(branch)
        )
        for branch in branches
    ]
    if len(values) == 1:
        return layers.Dropout(dropout)(layers.Reshape((dense,))(values[0]))
    stacked = layers.Concatenate(axis=1)(values)  # (B, K, dense)
    together = layers.Concatenate()(list(branches))
    weights = layers.Dense(len(values), activation="softmax", name="branch_weights")(together)
    fused = layers.Dot(axes=1)([weights, stacked])  # (B, K), (B, K, dense) -> (B, dense)
    return layers.Dropout(dropout)(fused)


def blind(branches: Sequence):
    """Nothing of what the branches say: [(B, D), ...] -> (B, 1), always 0.

    The softmax behind it can learn only how frequent each class is: the majority baseline.
    """
    x = layers.Concatenate()(list(branches)) if len(branches) > 1 else branches[0]
    return layers.Dense(1, use_bias=False, kernel_initializer="zeros", trainable=False)(x)


@dataclass(frozen=True, kw_only=True)
class ModelParts:
    """What a model is put together from; see the modules of this room.

    fusion: a function of the branches' vectors, or `Late`, which gives each its own head.
    """

    audio_encoder: Callable
    backbone: Callable
    pooling: Callable
    fusion: Callable | Late

    def model(
        self,
        *,
        audio_shape: tuple[int, ...] | None,
        video_shape: tuple[int, ...] | None,
        classes: int | None = None,
        output: Output | None = None,
    ) -> keras.Model:
        """The model of one run: inputs `audio` (N, M, 1) and `video` (F, H, W, 3), softmax out.

        A branch is built where its shape is given. The inputs come as a list in this order. output: what it
        tells; None: so many classes.
        """
        output = output or ClassOutput(classes)
        inputs, branches = self.branches(audio_shape=audio_shape, video_shape=video_shape)
        if isinstance(self.fusion, Late):
            heads = self.fusion.heads(branches, output.count, output.activation)
            return finished_model(inputs, heads, output)
        fused = self.fusion(list(branches.values()))
        # float32 whatever the rest computes in: a softmax in bfloat16 loses probabilities
        head = layers.Dense(
            output.count, activation=output.activation, dtype="float32", name=head_name("joint")
        )
        return finished_model(inputs, {"joint": head(fused)}, output)

    def branches(
        self, *, audio_shape: tuple[int, ...] | None, video_shape: tuple[int, ...] | None
    ) -> tuple[list, dict[str, object]]:
        """The inputs, and the vector (B, D) of each branch by `audio` and `video`; see `model`."""
        inputs, branches = [], {}
        if audio_shape is not None:
            inputs.append(keras.Input(audio_shape, name="audio"))
            branches["audio"] = self.audio_encoder(inputs[-1])  # (B, D)
        if video_shape is not None:
            inputs.append(keras.Input(video_shape, name="video"))
            branches["video"] = self.pooling(self.backbone(inputs[-1]))  # (B, F', D) -> (B, D')
        return inputs, branches


def load_model(path: Path) -> keras.Model:
    """A model that a run saved, ready to predict; in Keras's safe mode, so no code is run."""
    return keras.saving.load_model(path, compile=False, safe_mode=True)
