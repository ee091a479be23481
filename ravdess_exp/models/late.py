"""From the probabilities of one or several branches to those of the model: product, temperature."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import keras
from keras import layers, ops

HEADS = (
    "joint",
    "audio",
    "video",
)  # what a head may have heard and seen; `audio_emotion` is a layer
_LEAST = 1e-30  # a probability of 0 has no logarithm; float32 ends at 1e-38


@keras.saving.register_keras_serializable(package="ravdess_exp")
class Calibrated(layers.Layer):
    """Probabilities (B, classes) as sure as they may be: softmax(log(p) / temperature).

    The temperature is 1 until it is fitted on validation clips (`training.calibration`), and never
    changes which class is the most probable. Source: Guo et al. (2017), "On calibration of modern
    neural networks", ICML.
    """

    def build(self, input_shape):
        self.temperature = self.add_weight(
            shape=(), initializer="ones", trainable=False, name="temperature"
        )

    def call(self, probabilities):
        return ops.softmax(_log(probabilities) / self.temperature)

    def compute_output_shape(self, input_shape):
        return input_shape


@keras.saving.register_keras_serializable(package="ravdess_exp")
class LateProduct(layers.Layer):
    """The product of what K branches say, each as sure and as weighty as validation found it.

    Called with K probabilities (B, classes) and then the K raw inputs of the branches, of any shape;
    gives (B, classes): softmax of the sum of weight * log(p) / temperature over the branches.
    `temperature` and `weight` have one value a branch, 1 until they are fitted. A branch whose raw
    input is all zero has nothing to go by and drops out; the weights of the others are then brought
    to a mean of 1, so a single one says what it would say alone. Without any, all classes are equally
    probable.
    """

    def build(self, input_shape):
        count = (len(input_shape) // 2,)
        self.temperature = self.add_weight(
            shape=count, initializer="ones", trainable=False, name="temperature"
        )
        self.weight = self.add_weight(
            shape=count, initializer="ones", trainable=False, name="weight"
        )

    def call(self, inputs):
        count = len(inputs) // 2
        present = ops.stack([_is_there(raw) for raw in inputs[count:]], axis=1)  # (B, K)
        share = present * self.weight
        total = ops.maximum(ops.sum(share, axis=1, keepdims=True), 1e-6)
        share = share * ops.sum(present, axis=1, keepdims=True) / total  # mean 1 over what is there
        said = ops.stack([_log(p) for p in inputs[:count]], axis=1)  # (B, K, classes)
        said = said / self.temperature[:, None]
        return ops.softmax(ops.sum(said * share[:, :, None], axis=1))

    def compute_output_shape(self, input_shape):
        return input_shape[0]


@dataclass(frozen=True, kw_only=True)
class Late:
    """The fusion of branches that are each trained apart: own head and own loss, then `LateProduct`.

    weights: `equal`, or found on validation clips. dropout: before each softmax; l2: on its weights.
    """

    dropout: float
    l2: float
    weights: str

    def heads(self, branches: Mapping[str, object], classes: int) -> dict[str, object]:
        """Dropout and Dense softmax: {`audio`: (B, D), ...} -> probabilities (B, classes) a branch."""
        penalty = keras.regularizers.L2(self.l2) if self.l2 else None
        return {
            what: layers.Dense(
                classes,
                activation="softmax",
                kernel_initializer="zeros",  # of thousands of values, a drawn start is an opinion
                kernel_regularizer=penalty,
                dtype="float32",  # as the softmax of every model
                name=head_name(what),
            )(layers.Dropout(self.dropout)(branch))
            for what, branch in branches.items()
        }


def head_name(what: str) -> str:
    """The layer whose output are the probabilities of a head, one of `HEADS`."""
    return f"{what}_emotion"


def finished_model(inputs: list, heads: Mapping[str, object]) -> keras.Model:
    """The whole model, with one output `emotion`, of probabilities (B, classes) by head.

    inputs: named `audio` and `video`. heads: `joint` alone, or one or both of `audio` and `video`,
    each made by a layer that is called `head_name` of it.
    """
    raw = {tensor.name: tensor for tensor in inputs}
    said = next(iter(heads.values()))
    if len(heads) > 1:
        tensors = [*heads.values(), *(raw[what] for what in heads)]
        said = LateProduct(dtype="float32", name="product")(tensors)
    output = Calibrated(dtype="float32", name="emotion")(said)
    return keras.Model(inputs, output, name="ravdess_exp")


def heads_of(model: keras.Model) -> dict[str, object]:
    """The probabilities of each head that a model of `finished_model` has; empty of any other."""
    there = {layer.name for layer in model.layers}
    return {
        what: model.get_layer(head_name(what)).output for what in HEADS if head_name(what) in there
    }


def average_model(models: Sequence[keras.Model]) -> keras.Model:
    """Models of one kind as one: the mean of what their heads say, then the product as in each.

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
    return finished_model(inputs, heads)


def branch_models(model: keras.Model) -> dict[str, keras.Model]:
    """What `audio` and `video` say alone, calibrated, as models with all inputs of the whole one.

    Empty where there is no late fusion of two.
    """
    heads = heads_of(model)
    if len(heads) < 2:
        return {}
    temperatures = ops.convert_to_numpy(model.get_layer("product").temperature)
    found = {}
    for (what, said), temperature in zip(heads.items(), temperatures, strict=True):
        layer = Calibrated(dtype="float32", name=f"{what}_alone")
        found[what] = keras.Model(model.inputs, layer(said))
        layer.temperature.assign(temperature)
    return found


def _log(probabilities):
    return ops.log(ops.maximum(ops.cast(probabilities, "float32"), _LEAST))


def _is_there(raw):
    """(B,) float32: 0 where a clip's raw input is all zero, 1 elsewhere."""
    axes = tuple(range(1, len(raw.shape)))
    return ops.cast(ops.any(ops.not_equal(raw, 0), axis=axes), "float32")
