"""What a file gave a model, and what a model says of it."""

from dataclasses import dataclass, field

import numpy as np

from ravdess_exp.predict.bundle import Member


@dataclass
class Inputs:
    """The arrays of one file. None: is missing.

    feature: (N, T) or (N,); faces: crops (K, S, S, 3) uint8, or of a picture feature (F, D) float32.
    interval: seconds that were looked at; share: of the frames that show a face; remarks: for a reader.
    crops: (K, S, S, 3) uint8 and found: (K,) bool, whatever the model is given of them; sound:
    (samples,) float32 from `sound_start` seconds on, before it is trimmed; speech: (samples,) of it,
    which the feature is of.
    """

    feature: np.ndarray | None = None
    faces: np.ndarray | None = None
    interval: tuple[float, float] | None = None
    share: float | None = None
    remarks: list[str] = field(default_factory=list)
    crops: np.ndarray | None = None
    found: np.ndarray | None = None
    sound: np.ndarray | None = None
    sound_start: float = 0.0
    speech: np.ndarray | None = None

    @property
    def present(self) -> tuple[str, ...]:
        """`audio` and `video`, as far as they are there."""
        there = {"audio": self.feature, "video": self.faces}
        return tuple(what for what, array in there.items() if array is not None)


def tensors(member: Member, inputs: Inputs) -> list[np.ndarray]:
    """The member's inputs, a batch of one; zeros stand for one that is missing, as in training."""
    made = []
    for tensor in member.model.inputs:
        if tensor.name == "audio" and inputs.feature is not None:
            made.append(member.audio_input(inputs.feature)[None])  # -> (1, N, M, 1)
        elif tensor.name == "video" and inputs.faces is not None:
            made.append(_seen(member, inputs.faces)[None])
        else:
            made.append(np.zeros((1, *tensor.shape[1:]), np.float32))
    return made


def _seen(member: Member, faces: np.ndarray) -> np.ndarray:
    """(K, S, S, 3) uint8 -> the same shape in [0, 1]; (F, D) standardised; float32."""
    if member.picture_input is not None:
        return member.picture_input(faces)
    return faces.astype(np.float32) / np.float32(255.0)
