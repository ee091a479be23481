"""What a file gave, and what a model is given of it."""

from dataclasses import dataclass, field

import numpy as np

from ravdess_exp.predict.bundle import Member


@dataclass
class Arrays:
    """All that was taken out of a file. None: is missing, or not asked for.

    waveform: the speech, (samples,) at the recipe's rate; feature: of it, (N, T) or (N,).
    crops: (K, S, S, C) uint8; faces: these, or a picture feature of them, (F, D) float32.
    interval: seconds of the file that were looked at; share: of frames in which a face was found.
    """

    waveform: np.ndarray | None = None
    feature: np.ndarray | None = None
    crops: np.ndarray | None = None
    faces: np.ndarray | None = None
    interval: tuple[float, float] | None = None
    share: float | None = None
    remarks: list[str] = field(default_factory=list)


def model_inputs(member: Member, arrays: Arrays) -> list[np.ndarray]:
    """One array an input of the model, without the batch axis, in the model's order.

    Zeros stand for an input that is missing, as in training.
    """
    inputs = []
    for tensor in member.model.inputs:
        if tensor.name == "audio" and arrays.feature is not None:
            inputs.append(member.audio_input(arrays.feature))  # (N, M, 1) or (N, 1)
        elif tensor.name == "video" and arrays.faces is not None:
            inputs.append(_seen(member, arrays.faces))
        else:
            inputs.append(np.zeros(tensor.shape[1:], np.float32))
    return inputs


def _seen(member: Member, faces: np.ndarray) -> np.ndarray:
    """(K, S, S, C) uint8 -> the same shape in [0, 1]; (F, D) standardised; float32."""
    if member.picture_input is not None:
        return member.picture_input(faces)
    return faces.astype(np.float32) / np.float32(255.0)
