"""Contours of the voice's pitch: how high, how periodic, how steady."""

import numpy as np

from ravdess_exp.features.functionals.windows import sliced

LOWEST, HIGHEST = 62.5, 650.0  # Hz: voices of men who mumble to women who shout
REFERENCE = 150.0  # Hz: pitch is given in octaves above it, so that 0 is a usual voice
PITCH = ("octaves", "harmonics to noise", "jitter", "shimmer", "voicing")
_LENGTH = 0.064  # seconds: twice what is compared with itself, as `librosa.yin` has it
_VOICED = 0.6  # autocorrelation from which a window is voiced
_AUDIBLE = 1e-3  # of the loudest window's amplitude: -60 dB
_LEAST = 1e-4  # of a share: at most 40 dB of harmonics over noise, or of noise over harmonics


def pitch_contours(waveform: np.ndarray, sample_rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Contours by the names in `PITCH`, (5, T), and which windows are voiced, (T,) bool.

    The period is YIN's (de Cheveigne and Kawahara, 2002; `librosa.yin`). Voicing is the normalised
    autocorrelation at that lag, and r / (1 - r) the harmonics-to-noise ratio (Boersma, 1993), in
    decibels. Jitter is the relative change of the period from the window before, shimmer that of
    the amplitude in decibels. All but voicing are 0 in windows that are not voiced.
    """
    frames = sliced(waveform, length=2 * round(_LENGTH / 2 * sample_rate), sample_rate=sample_rate)
    period = _periods(frames, sample_rate)
    voicing, amplitude = _autocorrelation(frames, np.rint(period).astype(int))
    voiced = (voicing > _VOICED) & (amplitude > _AUDIBLE * amplitude.max(initial=0.0))
    share = voicing.clip(_LEAST, 1 - _LEAST)
    loud = 20 * np.log10(np.maximum(amplitude, 1e-10))
    contours = [
        np.where(voiced, np.log2(sample_rate / period / REFERENCE), 0),
        np.where(voiced, 10 * np.log10(share / (1 - share)), 0),
        _change(np.log(period), voiced),
        _change(loud, voiced),
        voicing,
    ]
    return np.stack(contours), voiced


def _periods(frames: np.ndarray, sample_rate: int) -> np.ndarray:
    """(T, L) -> the period of each window in samples, (T,)."""
    import librosa

    length = frames.shape[1]
    # laid end to end and read without overlap, the windows are YIN's own
    fundamental = librosa.yin(
        frames.ravel(), fmin=LOWEST, fmax=HIGHEST, sr=sample_rate,
        frame_length=length, hop_length=length, center=False,
    )  # fmt: skip
    return sample_rate / fundamental


def _autocorrelation(frames: np.ndarray, lags: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each window's first half with what follows a lag later, in -1 to 1; its root mean square.

    (T, L), (T,) -> (T,), (T,).
    """
    half = frames.shape[1] // 2
    first = frames[:, :half]
    places = np.minimum(lags, half)[:, None] + np.arange(half)
    later = np.take_along_axis(frames, places, axis=1)
    first = first - first.mean(axis=1, keepdims=True)
    later = later - later.mean(axis=1, keepdims=True)
    norms = np.sqrt((first**2).sum(axis=1) * (later**2).sum(axis=1))
    products = (first * later).sum(axis=1)
    amplitude = np.sqrt((frames**2).mean(axis=1))
    return np.divide(products, norms, out=np.zeros_like(norms), where=norms > 1e-12), amplitude


def _change(values: np.ndarray, voiced: np.ndarray) -> np.ndarray:
    """Size of the change from the window before, where both are voiced, else 0: (T,) -> (T,)."""
    change = np.abs(np.diff(values, prepend=values[:1]))
    return np.where(voiced & np.roll(voiced, 1), change, 0)
