"""The two ways to read samples in batches: a Python generator and a tf.data pipeline."""

import weakref
from collections.abc import Iterator, Sequence

import numpy as np

from ravdess_exp.errors import SplitError
from ravdess_exp.training.augment import Augment
from ravdess_exp.training.mixup import mixed
from ravdess_exp.training.samples import (
    Label,
    Samples,
    make_samples,
    relabelled,
    shuffled_labels,
    together,
)

__all__ = [
    "Batch",
    "Batches",
    "Label",
    "Samples",
    "make_samples",
    "relabelled",
    "shuffled_labels",
    "together",
]

Batch = tuple[list[np.ndarray], np.ndarray]


class Batches:
    """The generator that a training loop reads: `([audio, video], y)`, one epoch an iteration.

    Training batches are shuffled and augmented, and of a clip's variants one is drawn, differently in
    each epoch, by generators that are seeded with (seed, epoch) and (seed, epoch, clip): the same
    seed gives the same batches whatever reads them. Evaluation batches are none of it.

    mixup: each training clip is mixed with another of its batch, labels included, by shares from
    Beta(mixup, mixup); 0 for none; needs one-hot samples, or numbers.

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
        if mixup and not (samples.one_hot or samples.are_numbers):
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
                self.augment.sound(self._heard(row, rng), rng)
                for row, rng in zip(rows, rngs, strict=True)
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

    def _heard(self, row: int, rng: np.random.Generator) -> np.ndarray:
        """The sound of a sample, or one of its variants."""
        clean, variants = self.samples.audio[row], self.samples.variants
        return clean if variants is None else variants.drawn(row, clean, rng)

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
