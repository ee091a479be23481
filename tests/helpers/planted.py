"""Clips with a cue in a known place, and models that look there and nowhere else."""

from dataclasses import replace

import keras
import numpy as np
from keras import layers

from ravdess_exp.features.audio import AudioInput
from ravdess_exp.features.spectral import LogMel
from ravdess_exp.media.faces.centre import Centre
from ravdess_exp.models.layers import FoldFrames, UnfoldFrames
from ravdess_exp.predict.bundle import Bundle, Member
from ravdess_exp.predict.clip import Predictor
from ravdess_exp.predict.inputs import Inputs
from ravdess_exp.predict.prediction import Prediction
from ravdess_exp.prepare.recipe import Recipe
from tests.helpers.bundles import CLASSES, bundle_of

RATE, FRAMES, SIDE, MELS, STEPS = 16_000, 4, 24, 20, 101
MEL = LogMel(
    sample_rate=RATE, n_mels=MELS, n_fft=512, hop_length=160, fmin=0.0, fmax=None, top_db=80.0,
    deltas=False, standardise="train", frames=STEPS,
)  # fmt: skip
RECIPE = Recipe(
    feature=MEL, detector=Centre(margin=0.0, share=1.0), top_db=30.0, frames=FRAMES, size=SIDE,
    gray=False, loudest=False, reference="none",
)  # fmt: skip
HEARD = AudioInput("train", STEPS, np.zeros((MELS, 1)), np.ones((MELS, 1)))


class Planted(Predictor):
    """A model that is asked about these arrays, whatever the file."""

    def __init__(self, bundle: Bundle, arrays: Inputs) -> None:
        super().__init__(bundle)
        self.arrays = arrays

    def examine(self, file, *, name=None, segment=None) -> tuple[Prediction, Inputs]:
        probabilities = tuple(map(float, self._said(self.arrays)))
        made = Prediction(
            file=str(file), classes=self.bundle.classes, probabilities=probabilities,
            interval=self.arrays.interval,
        )  # fmt: skip
        return made, self.arrays


def planted(
    *models: keras.Model,
    arrays: Inputs,
    recipe: Recipe = RECIPE,
    picture_input=None,
    missing: bool = False,
) -> Planted:
    """These models as one bundle, asked about these arrays."""
    names = {tensor.name for tensor in models[0].inputs}
    heard = HEARD if "audio" in names else None
    bundle = bundle_of(
        recipe,
        members=tuple(Member(model, heard, picture_input) for model in models),
        modality="both" if len(names) == 2 else "audio" if heard else "video",
    )
    facts = replace(bundle.facts, missing_inputs=missing)
    return Planted(replace(bundle, facts=facts, classes=CLASSES), arrays)


def tone_at(start: float, end: float, hertz: float) -> np.ndarray:
    """A second of digital silence with a tone in it, (samples,) float32."""
    times = np.arange(RATE) / RATE
    tone = 0.5 * np.sin(2 * np.pi * hertz * times) * ((times >= start) & (times < end))
    return tone.astype(np.float32)


def clip(*, waveform: np.ndarray | None = None, crops: np.ndarray | None = None, **more) -> Inputs:
    """Inputs as a file gives them; the speech begins 2 s into it."""
    feature = None if waveform is None else MEL(waveform)
    made = {"speech": waveform, "feature": feature, "crops": crops, "faces": crops}
    return Inputs(**made | more, interval=(2.0, 3.0))


def grey_crops(count: int = FRAMES) -> np.ndarray:
    """(count, SIDE, SIDE, 3) uint8, all one grey."""
    return np.full((count, SIDE, SIDE, 3), 90, np.uint8)


def with_patch(crops: np.ndarray, frame: int, row: int, column: int, side: int = 4) -> np.ndarray:
    """The same with a white square in one frame, its upper left corner at row and column."""
    made = crops.copy()
    made[frame, row : row + side, column : column + side] = 255
    return made


def softmax_of(inputs: list, scores: object, kernel: np.ndarray) -> keras.Model:
    """Two classes, of which the second gets scores (B, D) times a kernel (D,)."""
    head = layers.Dense(2, activation="softmax")
    model = keras.Model(inputs, head(scores))
    head.set_weights([np.stack([np.zeros_like(kernel), kernel], axis=1), np.zeros(2)])
    return model


def audio_tensor() -> keras.KerasTensor:
    return keras.Input((MELS, STEPS, 1), name="audio")


def video_tensor(count: int = FRAMES) -> keras.KerasTensor:
    return keras.Input((count, SIDE, SIDE, 3), name="video")


def loud_levels(audio) -> object:
    """Each mel band's level where it is above -40 dB: a silent stretch says nothing. (B, MELS*STEPS)."""
    raised = layers.Rescaling(1 / 40, offset=1.0)(audio)
    return layers.Flatten()(layers.ReLU()(raised))


def convolved(video) -> object:
    """What is bright, by one convolution a frame: (B, K, H, W, 3) -> (B, K*H*W)."""
    convolution = layers.Conv2D(1, 3, padding="same", activation="relu")
    bright = convolution(FoldFrames()(video))
    convolution.set_weights([np.full((3, 3, 3, 1), 1 / 27), np.array([-0.5])])
    frames = UnfoldFrames(video.shape[1])(layers.Flatten()(bright))
    return layers.Flatten()(frames)
