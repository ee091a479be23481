"""Samples of one set of a split: arrays of what the model is given, with labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ravdess_exp.corpus.clip import Clip
from ravdess_exp.corpus.numbers import Target, labels_of
from ravdess_exp.features.audio import AudioInput
from ravdess_exp.features.picture_input import PictureInput
from ravdess_exp.prepare.clips import Prepared
from ravdess_exp.prepare.rows import Rows
from ravdess_exp.training.picture_rows import PictureRows, picture_rows
from ravdess_exp.training.variants import Variants

Label = int | tuple[float, ...]  # a class's index, or a clip's numbers


@dataclass(frozen=True)
class Samples:
    """One set of a split.

    audio: (n, N, M, 1) or (n, N, 1) float32, or None; faces: (n, F, H, W, 3) uint8, (n, F, H, W, 1)
    in gray, or of a picture feature (n, F, D) float32, or None, on disk until a batch needs them;
    labels: (n,) int64, indices into `names`, or (n, T) float32, the T numbers of these names; variants: of
    the sound of these clips, which training clips alone may have.
    """

    clips: tuple[Clip, ...]
    audio: np.ndarray | None
    faces: np.ndarray | Rows | PictureRows | None
    labels: np.ndarray
    names: tuple[str, ...]
    one_hot: bool
    variants: Variants | None = None

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def classes(self) -> int:
        """How many there are, of classes or of numbers."""
        return len(self.names)

    @property
    def are_numbers(self) -> bool:
        """Whether the labels are numbers, and not classes."""
        return self.labels.ndim == 2

    def label_text(self, row: int) -> str:
        """The label of a row for people."""
        if not self.are_numbers:
            return self.names[self.labels[row]]
        return ", ".join(f"{n} {v:.3g}" for n, v in zip(self.names, self.labels[row], strict=True))

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
        """Labels (n,) int64, or (n, classes) float32 if one-hot; of numbers (n, T) float32."""
        labels = self.labels[rows]
        return np.eye(self.classes, dtype=np.float32)[labels] if self.one_hot else labels

    def with_variants(self) -> "Samples":
        """More samples: these, and behind them each variant with the faces and label of its clip."""
        if self.variants is None:
            return self
        rows = [*range(len(self)), *self.variants.row_of]
        return replace(
            self,
            clips=tuple(self.clips[row] for row in rows),
            audio=np.concatenate([self.audio, self.variants.audio[:]]),
            faces=_taken(self.faces, rows),
            labels=self.labels[rows],
            variants=None,
        )


def _taken(faces: np.ndarray | Rows | PictureRows | None, rows: Sequence[int]):
    """These rows, of what is on disk without reading it."""
    if faces is None:
        return None
    return faces[rows] if isinstance(faces, np.ndarray) else faces.take(rows)


def make_samples(
    prepared: Prepared,
    sets: Sequence[Sequence[Clip]],
    *,
    audio_input: AudioInput | None,
    picture_input: PictureInput | None = None,
    classes: Target,
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
            labels=labels_of(classes, clips),
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


def relabelled(samples: Samples, labels: Mapping[str, Label]) -> Samples:
    """The same samples with other labels, by clip name."""
    found = np.array([labels[clip.name] for clip in samples.clips])
    return replace(samples, labels=found.astype(samples.labels.dtype))


def shuffled_labels(
    labels: Mapping[str, Label], contents: Mapping[str, str], *, seed: int
) -> dict[str, Label]:
    """The labels of a whole corpus, by clip name, exchanged at random among its recordings.

    Once, and before anything is divided: a recording has one label wherever it is met, also as a copy
    of another name, so that a test clip that trains is recognised. contents: a digest of each clip.
    """
    first = {contents[name]: name for name in sorted(labels, reverse=True)}  # of each recording
    recordings = sorted(first, key=first.get)
    drawn = np.random.default_rng(seed).permutation(len(recordings))
    of_recording = {r: labels[first[recordings[i]]] for r, i in zip(recordings, drawn, strict=True)}
    return {name: of_recording[contents[name]] for name in labels}
