"""A linear model or a support vector machine of a run's inputs, fitted and written as one Keras model."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np

from ravdess_exp.models.fusion import ModelParts
from ravdess_exp.models.linear import Head
from ravdess_exp.training.choice import choose_c
from ravdess_exp.training.classifiers import Classifier
from ravdess_exp.training.dataset import Batches, Samples
from ravdess_exp.training.rowspace import RowSpace, deviation

log = logging.getLogger(__name__)

_BATCH = 64  # clips that are read at once


@dataclass(frozen=True)
class LinearFit:
    """A fitted model, and the C of each of its heads by name."""

    model: keras.Model
    c: dict[str, float]


def fit_linear(
    parts: ModelParts, classifier: Classifier, train: Samples, *, apart: bool
) -> LinearFit:
    """Fit on the training clips; no other clip is needed.

    parts: such as hold no weights that are to be learned. apart: a head for each input, whose
    probabilities `parts.product` joins; otherwise one head on all inputs together.
    """
    inputs, branches = parts.branches(**train.shapes())
    vectors = _read(keras.Model(inputs, branches), train)
    names = [f"{tensor.name}_emotion" for tensor in inputs]
    scales = [_scale(tensor, of) for tensor, of in zip(inputs, vectors, strict=True)]
    if not apart or len(inputs) == 1:
        branches = [branches[0] if len(branches) == 1 else keras.layers.Concatenate()(branches)]
        vectors, scales, names = [np.hstack(vectors)], [np.hstack(scales)], [parts.output_name]
    heads, chosen = [], {}
    for name, of, scale in zip(names, vectors, scales, strict=True):
        head, chosen[name] = _fit_head(classifier, of, scale, train)
        log.info("%s: C=%.3g on %d values of %d clips", name, chosen[name], of.shape[1], len(of))
        heads.append(head)
    said = [head(x, name=name) for head, x, name in zip(heads, branches, names, strict=True)]
    return LinearFit(parts.joined(inputs, said), chosen)


def _fit_head(
    classifier: Classifier, vectors: np.ndarray, scale: np.ndarray, train: Samples
) -> tuple[Head, float]:
    """The head for vectors (n, D), and its C."""
    space = RowSpace.of(vectors, scale, components=classifier.projection)
    c = classifier.c
    if c is None:
        speakers = np.array([clip.actor for clip in train.clips])
        c = choose_c(classifier, space, train.labels, speakers, classes=train.classes)
    return classifier.head(space, train.labels, c, train.classes), c


def _read(reader: keras.Model, samples: Samples) -> list[np.ndarray]:
    """(n, D) of each branch, in the order of the samples and without augmentation."""
    batches = Batches(samples, batch_size=_BATCH, filled=True)
    parts: Sequence = [reader.predict_on_batch(inputs) for inputs, _ in batches]
    rows = [part if isinstance(part, list) else [part] for part in parts]
    return [np.concatenate(of)[: len(samples)] for of in zip(*rows, strict=True)]


def _scale(tensor, vectors: np.ndarray) -> np.ndarray:
    """(D,) to divide by. A vector comes standardised, as its feature says; what is pooled does not."""
    return np.ones(vectors.shape[1]) if len(tensor.shape) == 3 else deviation(vectors)
