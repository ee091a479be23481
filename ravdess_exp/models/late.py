"""From what one or several branches say to what the model says: heads, their fusion, the last layer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import keras
from keras import layers, ops

from ravdess_exp.models.numbers import LateMean
from ravdess_exp.models.outputs import LAST, ClassOutput, Output, output_of
from ravdess_exp.models.product import Calibrated, LateProduct

__all__ = [
    "HEADS",
    "Calibrated",
    "Late",
    "LateProduct",
    "average_model",
    "branch_models",
    "finished_model",
    "fusion_of",
    "head_name",
    "heads_of",
]

HEADS = (
    "joint",
    "audio",
    "video",
)  # what a head may have heard and seen; `audio_emotion` is a layer


@dataclass(frozen=True, kw_only=True)
class Late:
    """The fusion of branches that are each trained apart: own head and own loss, then one of both.

    weights: `equal`, or found on validation clips. dropout: before each head; l2: on its weights.
    """

    dropout: float
    l2: float
    weights: str

    def heads(
        self, branches: Mapping[str, object], classes: int, activation: str | None = "softmax"
    ) -> dict[str, object]:
        """Dropout and Dense softmax: {`audio`: (B, D), ...} -> probabilities (B, classes) a branch.

        activation: None for the heads of numbers, of which there are `classes`.
        """
        penalty = keras.regularizers.L2(self.l2) if self.l2 else None
        return {
            what: layers.Dense(
                classes,
                activation=activation,
                kernel_initializer="zeros",  # of thousands of values, a drawn start is an opinion
                kernel_regularizer=penalty,
                dtype="float32",  # as the softmax of every model
                name=head_name(what),
            )(layers.Dropout(self.dropout)(branch))
            for what, branch in branches.items()
        }


def head_name(what: str) -> str:
    """The layer whose output is what a head says, one of `HEADS`."""
    return f"{what}_emotion"


def finished_model(
    inputs: list, heads: Mapping[str, object], output: Output | None = None
) -> keras.Model:
    """The whole model, with one output `emotion`, of probabilities (B, classes) or numbers by head.

    inputs: named `audio` and `video`. heads: `joint` alone, or one or both of `audio` and `video`,
    each made by a layer that is called `head_name` of it. output: what they say; None: classes.
    """
    raw = {tensor.name: tensor for tensor in inputs}
    said = next(iter(heads.values()))
    output = output or ClassOutput(said.shape[-1])
    if len(heads) > 1:
        said = output.fuse([*heads.values(), *(raw[what] for what in heads)])
    return keras.Model(inputs, output.finish(said), name="ravdess_exp")


def heads_of(model: keras.Model) -> dict[str, object]:
    """What each head says that a model of `finished_model` has; empty of any other."""
    there = {layer.name for layer in model.layers}
    return {
        what: model.get_layer(head_name(what)).output for what in HEADS if head_name(what) in there
    }


def fusion_of(model: keras.Model) -> LateProduct | LateMean | None:
    """The layer that makes one of what several heads say; None where there is one head."""
    return next((la for la in model.layers if isinstance(la, LateProduct | LateMean)), None)


def average_model(models: Sequence[keras.Model]) -> keras.Model:
    """Models of one kind as one: the mean of what their heads say, then their fusion as in each.

    Its temperatures and weights are those of a new model, 1.
    """
    first = models[0]
    inputs = [keras.Input(tensor.shape[1:], name=tensor.name) for tensor in first.inputs]
    said: dict[str, list] = {what: [] for what in heads_of(first)}
    for number, model in enumerate(models):
        heads = list(heads_of(model).values())
        member = keras.Model(model.inputs, heads, name=f"member_{number}")
        outputs = member(inputs)
        for what, output in zip(said, outputs, strict=True):
            said[what].append(output)
    heads = {
        what: layers.Average(dtype="float32", name=head_name(what))(of) for what, of in said.items()
    }
    return finished_model(inputs, heads, output_of(first))


def branch_models(model: keras.Model) -> dict[str, keras.Model]:
    """What `audio` and `video` say alone, calibrated or in units, with all inputs of the whole model.

    Empty where there is no late fusion of two.
    """
    heads = heads_of(model)
    if len(heads) < 2:
        return {}
    output = output_of(model)
    found = {what: keras.Model(model.inputs, output.finish(said)) for what, said in heads.items()}
    if isinstance(output, ClassOutput):
        temperatures = ops.convert_to_numpy(fusion_of(model).temperature)
        for branch, temperature in zip(found.values(), temperatures, strict=True):
            branch.get_layer(LAST).temperature.assign(temperature)
    return found
