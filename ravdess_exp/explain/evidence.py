"""Evidence: how strongly models speak for one class, and how that changes with what they are given.

The evidence for a class is the logarithm of its probability less the mean of the others' logarithms. It
does not end at 1 as a probability does, a linear model's is linear in its input, and of a product of
branches it is the sum of theirs.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import keras
import numpy as np
import tensorflow as tf

from ravdess_exp.predict.bundle import Member
from ravdess_exp.predict.inputs import Inputs, tensors

_LEAST = 1e-30  # a probability of 0 has no logarithm
_BATCH = 32  # variants that are asked about at once, the clip itself the first of them
_ROUNDING = 1e-5  # share of the evidence: a smaller difference is that of float32


def evidence_of(probabilities: np.ndarray, explained: int) -> np.ndarray:
    """(..., classes) -> (...): log p of one class less the mean log p of the others."""
    logs = np.log(np.maximum(np.asarray(probabilities, np.float64), _LEAST))
    others = np.delete(logs, explained, axis=-1)
    return logs[..., explained] - others.mean(axis=-1)


def less_rounding(importance: np.ndarray, evidence: float) -> np.ndarray:
    """The same, with exact zeros where only the order of additions differed."""
    return np.where(np.abs(importance) > _ROUNDING * max(1.0, abs(evidence)), importance, 0.0)


class Listener:
    """Asks the models of a bundle about variants of a clip. `evaluations` counts what was asked.

    explained: the number of the class that the evidence is for.
    """

    def __init__(self, members: Sequence[Member], inputs: Inputs, explained: int) -> None:
        self.members = tuple(members)
        self.inputs = inputs
        self.explained = explained
        self.evaluations = 0
        self.base = float(self._evidence([])[0])

    def importance(self, variants: Iterable[Inputs]) -> np.ndarray:
        """(n,): by how much less evidence there is in each variant than in the clip, mean of members."""
        found = [self._evidence(some) for some in _batches(variants)]
        lost = np.concatenate([of[0] - of[1:] for of in found])
        return less_rounding(lost, self.base)

    def _evidence(self, variants: Sequence[Inputs]) -> np.ndarray:
        """(1 + n,), of the clip itself and of the variants; the mean over members."""
        self.evaluations += len(variants)
        asked = [self.inputs, *variants]
        return np.mean([self._says(member, asked) for member in self.members], axis=0)

    def _says(self, member: Member, variants: Sequence[Inputs]) -> np.ndarray:
        """Filled up to one size of batch: a sum's last digits depend on it, and a new one costs a second."""
        rows = [tensors(member, variant) for variant in variants]
        rows += [rows[0]] * (_BATCH - len(rows))
        batch = [np.concatenate(column) for column in zip(*rows, strict=True)]
        said = member.model.predict_on_batch(batch)[: len(variants)]
        return evidence_of(said, self.explained)


def _batches(variants: Iterable[Inputs]) -> Iterator[list[Inputs]]:
    left = iter(variants)
    while some := list(islice(left, _BATCH - 1)):
        yield some


def gradient(
    model: keras.Model, inputs: Sequence[np.ndarray], inner: keras.KerasTensor, explained: int
) -> tuple[np.ndarray, np.ndarray]:
    """The value of a tensor of the model for one clip, and the evidence's gradient by it.

    inputs: as of `tensors`; both answers have the tensor's shape, a batch of one.
    """
    rest = keras.Model(model.inputs, [inner, model.outputs[0]])
    with tf.GradientTape() as tape:
        given = [tf.convert_to_tensor(values) for values in inputs]
        tape.watch(given)
        value, probabilities = rest(given, training=False)
        logs = tf.math.log(tf.maximum(tf.cast(probabilities[0], tf.float32), _LEAST))
        others = (tf.reduce_sum(logs) - logs[explained]) / (len(logs) - 1)
        evidence = logs[explained] - others
    # an input of the model is watched itself; what comes out of `rest` for it is that very tensor
    found = tape.gradient(evidence, value, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return value.numpy(), found.numpy()
