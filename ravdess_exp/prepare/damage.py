"""A clip's file as it might have been: noisy, or without its sound. It is prepared as any file is.

So the noise is there before the sound is trimmed, faces are looked for and frames are chosen, and all
of that may go wrong, as it would with such a file.
"""

import hashlib
from dataclasses import dataclass

import numpy as np

from ravdess_exp.media.decode import Recording
from ravdess_exp.prepare.entries import faces_of, feature_of, picture_of, speech_of
from ravdess_exp.prepare.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Damage:
    """What has happened to a file, one thing of these.

    sound_db: white noise so many decibels under the speech; picture: deviation of white noise on
    every frame, as a share of full range; silenced: whether it has no sound at all.
    """

    sound_db: float | None = None
    picture: float | None = None
    silenced: bool = False

    @property
    def name(self) -> str:
        """As results name it, such as `sound_20dB`."""
        if self.silenced:
            return "without_sound"
        if self.picture is not None:
            return f"picture_noise_{self.picture:g}"
        return f"sound_{self.sound_db:g}dB"

    def generator(self, content: str, seed: int) -> np.random.Generator:
        """What draws the noise of a clip: the same whatever else was drawn. content: its digest."""
        digest = hashlib.sha256(f"{content} {self.name} {seed}".encode()).digest()
        return np.random.default_rng(int.from_bytes(digest))


class DamagedRecording:
    """An open recording, whose sound and frames have noise; all else of it is as it was.

    power: mean square of the clean speech, which the noise on the sound is measured by.
    """

    def __init__(
        self, recording: Recording, damage: Damage, power: float, rng: np.random.Generator
    ) -> None:
        self._recording = recording
        self._damage = damage
        self._power = power
        self._rng = rng

    def __getattr__(self, name: str):
        return getattr(self._recording, name)

    def sound(self, sample_rate: int) -> np.ndarray:
        """(samples,) float32, from the clip's first sample to its last."""
        waveform = self._recording.sound(sample_rate)
        if self._damage.sound_db is None:
            return waveform
        return with_noise(waveform, self._damage.sound_db, self._rng, power=self._power)

    def frames(self, times) -> np.ndarray:
        """(len(times), height, width, 3) uint8."""
        frames = self._recording.frames(times)
        if self._damage.picture is None:
            return frames
        return np.stack([grainy(f, 255 * self._damage.picture, self._rng) for f in frames])


def with_noise(
    waveform: np.ndarray, decibels: float, rng: np.random.Generator, *, power: float | None = None
) -> np.ndarray:
    """White noise added, `decibels` below a power, or below that of the waveform: float32."""
    if power is None:
        power = float(np.mean(np.square(waveform, dtype=np.float64)))
    noise = rng.normal(0, np.sqrt(power / 10 ** (decibels / 10)), len(waveform))
    return (waveform + noise).astype(np.float32)


def grainy(picture: np.ndarray, deviation: float, rng: np.random.Generator) -> np.ndarray:
    """White noise added to uint8 pixels, of a deviation in grey levels."""
    changed = rng.standard_normal(picture.shape, dtype=np.float32)
    changed *= deviation
    changed += picture
    return np.clip(changed, 0, 255, out=changed).round().astype(np.uint8)


def damaged_arrays(
    recording: Recording,
    damage: Damage,
    rng: np.random.Generator,
    *,
    recipe: Recipe,
    modality: str,
) -> dict[str, np.ndarray]:
    """`feature` and `faces` (crops, or the picture feature) of a damaged clip, as far as the model
    asks for them; without sound there is no feature, and frames are spread over the whole picture.

    Raises `ClipError` where the clip cannot be used any more.
    """
    power = 0.0
    if damage.sound_db is not None:
        clean = speech_of(recording, recipe)["waveform"]
        power = float(np.mean(np.square(clean, dtype=np.float64)))
    file, arrays = DamagedRecording(recording, damage, power, rng), {}
    speech = None if damage.silenced else speech_of(file, recipe)
    if modality != "video" and speech is not None:
        arrays["feature"] = feature_of(speech["waveform"], recipe)
    if modality != "audio":
        crops = faces_of(file, speech, recipe)["faces"]
        arrays["faces"] = crops if recipe.picture is None else picture_of(crops, recipe)
    return arrays
