"""Samples of one set, and the two ways to read them: a Python generator and a tf.data pipeline."""

import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ravdess_exp.corpus.manifest import Clip
from ravdess_exp.corpus.ravdess.labels import Classes
from ravdess_exp.errors import SplitError
from ravdess_exp.features.audio import AudioInput
from ravdess_exp.features.picture_input import PictureInput
from ravdess_exp.prepare.clips import Prepared
from ravdess_exp.prepare.rows import Rows
from ravdess_exp.training.augment import Augment
from ravdess_exp.training.mixup import mixed
from ravdess_exp.training.picture_rows import PictureRows, picture_rows

Batch = tuple[list[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Samples:
    """One set of a split.

    audio: (n, N, M, 1) or (n, N, 1) float32, or None; faces: (n, F, H, W, 3) uint8, (n, F, H, W, 1)
    in gray, or of a picture feature (n, F, D) float32, or None, on disk until a batch needs them;
    labels: (n,) int64, indices into `names`.
    """

    clips: tuple[Clip, ...]
    audio: np.ndarray | None
    faces: np.ndarray | Rows | PictureRows | None
    labels: np.ndarray
    names: tuple[str, ...]
    one_hot: bool

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def classes(self) -> int:
        """How many there are."""
        return len(self.names)

    @property
    def are_crops(self) -> bool:
        """Whether the picture is face crops, and not a picture feature."""
        return len(self.faces.shape) == 5

    def inputs(self, rows: Sequence[int]) -> list[np.ndarray]:
        """New arrays of what the model is given for these rows: sound and picture, if it has them."""
        inputs = [] if self.audio is None else [self.audio[rows]]
        if self.faces is not None:
            seen = self.faces[rows].astype(np.float32)
            if self.are_crops:
                seen /= 255.0  # -> [0, 1]
            inputs.append(seen)
        return inputs

    def targets(self, rows: Sequence[int]) -> np.ndarray:
        """Labels (n,) int64, or (n, classes) float32 if one-hot."""
        labels = self.labels[rows]
        return np.eye(self.classes, dtype=np.float32)[labels] if self.one_hot else labels


def make_samples(
    prepared: Prepared,
    sets: Sequence[Sequence[Clip]],
    *,
    audio_input: AudioInput | None,
    picture_input: PictureInput | None = None,
    classes: Classes,
    one_hot: bool,
) -> list[Samples]:
    """One `Samples` a set.

    audio_input, picture_input: fitted on the training clips; None without sound, or where the model
    is given crops.
    """
    row_of = {clip.name: i for i, clip in enumerate(prepared.clips)}
    rows = [[row_of[clip.name] for clip in clips] for clips in sets]
    return [
        Samples(
            clips=tuple(clips),
            audio=audio_input and np.stack([audio_input(prepared.features[i]) for i in set_]),
            faces=picture_rows(prepared.faces, set_, picture_input),
            labels=np.array([classes.index(clip.emotion) for clip in clips]),
            names=classes.names,
            one_hot=one_hot,
        )
        for clips, set_ in zip(sets, rows, strict=True)
    ]


def together(first: Samples, second: Samples) -> Samples:
    """The clips of two sets as one, the first set's first; prepared alike, with the same classes."""
    faces = first.faces
    if isinstance(faces, Rows) and isinstance(second.faces, Rows):
        faces = faces.followed_by(second.faces)
    elif faces is not None:
        faces = np.concatenate([faces, second.faces])
    return replace(
        first,
        clips=first.clips + second.clips,
        audio=None if first.audio is None else np.concatenate([first.audio, second.audio]),
        faces=faces,
        labels=np.concatenate([first.labels, second.labels]),
    )


def shuffled_within_actor(samples: Samples, *, seed: int) -> Samples:
    """The same samples with the labels of each actor's clips exchanged at random.

    How often each actor speaks each emotion stays, so whatever a model learns beyond that is leakage.
    """
    actors = np.array([clip.actor for clip in samples.clips])
    labels = samples.labels.copy()
    for actor in np.unique(actors):
        rows = np.flatnonzero(actors == actor)
        labels[rows] = np.random.default_rng((seed, int(actor))).permutation(labels[rows])
    return replace(samples, labels=labels)


class Batches:
    """The generator that a training loop reads: `([audio, video], y)`, one epoch an iteration.

    Training batches are shuffled and augmented, differently in each epoch, by generators that are
    seeded with (seed, epoch) and (seed, epoch, clip): the same seed gives the same batches whatever
    reads them. Evaluation batches are neither.

    mixup: each training clip is mixed with another of its batch, labels included, by shares from
    Beta(mixup, mixup); 0 for none; needs one-hot samples.

    filled: batches are all of one size, the last one filled up with the first clips: TensorFlow
    trains a tenth faster where it knows that size, and no step follows a stray clip. None: where
    they are shuffled.
    """

    def __init__(
        self,
        samples: Samples,
        *,
        batch_size: int,
        augment: Augment | None = None,
        mixup: float = 0.0,
        shuffle: bool = False,
        filled: bool | None = None,
        seed: int = 0,
    ) -> None:
        if not len(samples):
            raise SplitError("a set without clips cannot be read")
        if mixup and not samples.one_hot:
            raise ValueError("mixed labels are shares of classes: expected one-hot samples")
        self.samples = samples
        self.batch_size = min(batch_size, len(samples))
        self.augment = augment
        self.mixup = mixup
        self.shuffle = shuffle
        self.filled = shuffle if filled is None else filled
        self.seed = seed
        self.epoch = 0  # of the next iteration

    def __len__(self) -> int:
        """Batches an epoch."""
        return -(-len(self.samples) // self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        epoch, self.epoch = self.epoch, self.epoch + 1
        order = np.arange(len(self.samples))
        if self.shuffle:
            np.random.default_rng((self.seed, epoch)).shuffle(order)
        if self.filled:
            order = np.resize(order, len(self) * self.batch_size)  # goes on from its start
        for start in range(0, len(order), self.batch_size):
            rows = order[start : start + self.batch_size]
            rngs = [np.random.default_rng((self.seed, epoch, int(row))) for row in rows]
            inputs = self._augmented(rows, rngs) if self.augment else self.samples.inputs(rows)
            targets = self.samples.targets(rows)
            if self.mixup:
                own = np.random.default_rng(
                    (self.seed, epoch, start, 1)
                )  # none of the clips' draws
                *inputs, targets = mixed([*inputs, targets], self.mixup, own)
            if self.augment:  # after mixing, or the other clip would bring back what is lost
                self._lose(inputs, rngs)
            yield inputs, targets

    def _augmented(self, rows: np.ndarray, rngs: Sequence) -> list[np.ndarray]:
        audio, faces, inputs = self.samples.audio, self.samples.faces, []
        if audio is not None:
            changed = [
                self.augment.sound(audio[row], rng) for row, rng in zip(rows, rngs, strict=True)
            ]
            inputs.append(np.stack(changed))
        if faces is not None:
            stored = faces[rows]
            inputs.append(np.array(stored, np.float32))
            if self.samples.are_crops:  # a feature of crops can be neither turned nor darkened
                for frames, rng, into in zip(stored, rngs, inputs[-1], strict=True):
                    self.augment.faces(frames, rng, into)
        return inputs

    def _lose(self, inputs: list[np.ndarray], rngs: Sequence) -> None:
        for row, rng in enumerate(rngs):  # drawn last, so that it changes no other draw
            lost = self.augment.lost_input(len(inputs), rng)
            if lost is not None:
                inputs[lost][row] = 0.0

    def dataset(self):
        """The same batches as a `tf.data.Dataset` of `((audio, video), y)`, made one ahead.

        Each iteration of the data set is the next epoch of this object. TensorFlow keeps every
        Python function until the process ends, so this one holds nothing; the data set does.
        """
        import tensorflow as tf

        this = weakref.ref(self)
        inputs, targets = self.samples.inputs([0]), self.samples.targets([0])
        types = [part.dtype for part in (*inputs, targets)]
        size = self.batch_size if self.filled else None
        shapes = [(size, *part.shape[1:]) for part in (*inputs, targets)]
        count = len(self)
        reading: list[Iterator[Batch]] = []  # of the epoch

        def following(number):
            if number == 0:
                reading[:] = [iter(this())]
            parts, labels = next(reading[0])
            if number == count - 1:
                reading.clear()  # it would hold the samples as long as TensorFlow holds this
            return (*parts, labels)

        # and not `from_generator`, which does the same with more Python a batch
        made = tf.data.Dataset.range(count).map(
            lambda number: _shaped(tf.numpy_function(following, [number], types), shapes)
        )
        options = tf.data.Options()
        options.autotune.enabled = False  # with it, epochs here ended in ever longer waits
        ready = made.prefetch(2).with_options(options)
        ready.batches = self
        return ready


def _shaped(parts: list, shapes: list[tuple]):
    """((audio, video), y) of parts whose shapes TensorFlow cannot know, since Python returns them."""
    import tensorflow as tf

    *inputs, labels = map(tf.ensure_shape, parts, shapes)
    return tuple(inputs), labels
