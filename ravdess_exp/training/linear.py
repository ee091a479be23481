"""A linear model or a support vector machine of a run's inputs, fitted and written as one Keras model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import keras
import numpy as np

from ravdess_exp.models.fusion import ModelParts
from ravdess_exp.models.late import Late, finished_model, head_name
from ravdess_exp.models.linear import Head
from ravdess_exp.models.outputs import output_for
from ravdess_exp.prepare.threads import one_thread
from ravdess_exp.training.choice import choose_c
from ravdess_exp.training.classifiers import Classifier
from ravdess_exp.training.dataset import Batches, Samples
from ravdess_exp.training.rowspace import RowSpace, deviation

_BATCH = 64  # clips that are read at once


@dataclass(frozen=True)
class LinearFit:
    """A fitted model, and the C of each of its heads by name."""

    model: keras.Model
    c: dict[str, float]


@one_thread()
def fit_linear(
    parts: ModelParts,
    classifiers: Mapping[str, Classifier],
    train: Samples,
    *,
    chosen: Mapping[str, float] | None = None,
) -> LinearFit:
    """Fit on the training clips, and on each variant of their sound; no other clip is needed.

    parts: their encoder, backbone and pooling hold no weights. Of a `Late` fusion each input gets a
    head of its own and the probabilities are multiplied; of any other, one head reads all inputs.
    classifiers: by head, see `models.late.HEADS`. chosen: the C of each head, of an earlier fit;
    None: the classifier's, or chosen here.
    """
    tensors, branches = parts.branches(**input_shapes(train))
    inputs = {tensor.name: tensor for tensor in tensors}
    late = isinstance(parts.fusion, Late)
    heads = {what: [what] for what in branches} if late else {"joint": list(branches)}
    said, used = {}, {}
    for what, names in heads.items():
        of = _with(names, train)
        read = [branches[name] for name in names]
        vectors = _read(keras.Model([inputs[name] for name in names], read), of)
        scales = [_scale(inputs[name], part) for name, part in zip(names, vectors, strict=True)]
        classifier = classifiers[what]
        fixed = replace(classifier, c=chosen[what]) if chosen else classifier
        head, used[what] = _fit_head(fixed, np.hstack(vectors), np.hstack(scales), of)
        said[what] = head(_together(read), name=head_name(what))
    output = output_for(train.labels, train.classes)
    return LinearFit(finished_model(tensors, said, output), used)


def _with(names: Sequence[str], train: Samples) -> Samples:
    """The training samples with these inputs alone; with their variants where the sound is one."""
    if "audio" not in names:
        return replace(train, audio=None, variants=None)
    return (train if "video" in names else replace(train, faces=None)).with_variants()


def input_shapes(samples: Samples) -> dict[str, tuple[int, ...] | None]:
    """The shapes of a model's inputs, by the names that `ModelParts.model` has for them."""
    audio, faces = samples.audio, samples.faces
    return {
        "audio_shape": None if audio is None else audio.shape[1:],
        "video_shape": None if faces is None else faces.shape[1:],
    }


def _together(vectors: list):
    return vectors[0] if len(vectors) == 1 else keras.layers.Concatenate()(vectors)


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
    parts = [reader.predict_on_batch(inputs) for inputs, _ in batches]
    rows = [part if isinstance(part, list) else [part] for part in parts]
    return [np.concatenate(of)[: len(samples)] for of in zip(*rows, strict=True)]


def _scale(tensor, vectors: np.ndarray) -> np.ndarray:
    """(D,) to divide by: deviations of what is made of crops and of sound over time.

    Vectors (N, 1) and picture features (F, D) come standardised, as their settings say.
    """
    return np.ones(vectors.shape[1]) if len(tensor.shape) == 3 else deviation(vectors)
