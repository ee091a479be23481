"""A waveform as the input that a network was trained on."""

from dataclasses import dataclass

import numpy as np

from ravdess_exp.errors import ConfigError
from ravdess_exp.features.encoders.whisper_mel import SAMPLE_RATE, whisper_mel

SILENCE = 0.5  # seconds behind the clip where a Whisper's mel may have any length
_WINDOW, _HOP = 0.025, 0.01  # seconds, of the filter bank


@dataclass(frozen=True)
class SoundInput:
    """kind: `waveform` (1, samples), `whisper_mel` (1, n_mels, T) or `filter_bank` (1, T, n_mels).

    filter_bank: natural logarithm of the power in mel bands, windows of 25 ms every 10 ms, each band
    less its mean over the clip and by its deviation. normalise: bring the waveform to zero mean and
    unit variance first, as wav2vec2's larger models were trained.
    """

    kind: str
    sample_rate: int
    n_mels: int
    normalise: bool

    def __call__(
        self, waveform: np.ndarray, shape: tuple[int | str | None, ...]
    ) -> tuple[np.ndarray, float]:
        """The input, and which share of its time is the clip's own.

        shape: of the network's input. Where it says how long, silence follows the clip, or its end
        is cut. Raises `ConfigError` where the shape is not one of this kind.
        """
        expected = 2 if self.kind == "waveform" else 3
        if len(shape) != expected:
            raise ConfigError(
                f"audio.input={self.kind}: has {expected} axes, and the network's input is "
                f"{list(shape)}"
            )
        sound = waveform
        if self.normalise:
            sound = (sound - sound.mean()) / np.sqrt(sound.var() + 1e-7)
        length = self._length(len(sound), shape)
        sound = np.pad(sound[:length], (0, max(0, length - len(sound))))
        share = min(1.0, len(waveform) / length)
        match self.kind:
            case "waveform":
                value = sound
            case "whisper_mel":
                value = whisper_mel(sound, n_mels=self.n_mels)
            case _:
                value = self._filter_bank(sound)
        return value[None].astype(np.float32), share

    def _length(self, samples: int, shape: tuple[int | str | None, ...]) -> int:
        """How many samples it is given."""
        size = shape[1 if self.kind == "filter_bank" else -1]
        if isinstance(size, int):
            return size * {"waveform": 1, "whisper_mel": SAMPLE_RATE // 100}.get(
                self.kind, round(_HOP * self.sample_rate)
            )
        return samples + (round(SILENCE * SAMPLE_RATE) if self.kind == "whisper_mel" else 0)

    def _filter_bank(self, sound: np.ndarray) -> np.ndarray:
        import librosa

        power = librosa.feature.melspectrogram(
            y=sound,
            sr=self.sample_rate,
            n_fft=round(_WINDOW * self.sample_rate),
            hop_length=round(_HOP * self.sample_rate),
            n_mels=self.n_mels,
        )
        bands = np.log(np.maximum(power, 1e-10)).T[
            : max(1, len(sound) // round(_HOP * self.sample_rate))
        ]
        return (bands - bands.mean(axis=0)) / np.maximum(bands.std(axis=0), 1e-5)
