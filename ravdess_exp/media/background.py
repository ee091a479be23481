"""Speech over a clip's own background: what is steady is no speech, however loud it is."""

import numpy as np

WINDOW, HOP = 2048, 512  # samples, of `librosa.effects.trim`
_BANDS = 40  # on the mel scale
LOWEST = 60.0  # Hz; below it there is rumble, drift and offset, and no voice
_FEWEST = 10  # windows, 0.3 s at 16 kHz
_QUIETEST = 15  # per cent of the windows: the first guess of what is background
_ROUNDS = 8  # of the guess; it stands still after three or four
_SPREAD = 5.0  # standard deviations of the background that speech is above
_STEADY = 1.5  # dB: hiss, hum, fans and tones differ by 0.4 to 1.1, a pause in speech by 2 to 20
_CLEAR = 0.25  # share of the loudest window's power (-6 dB) that must be above the limit
_ZERO = 1e-6  # -120 dB of full scale: samples that somebody put there, no recording


def speech_above_background(
    waveform: np.ndarray, *, sample_rate: int, top_db: float
) -> tuple[int, int] | None:
    """First sample of the speech, and the one after its last; None where no background is steady.

    waveform: (samples,) float32, at least a window. The background is what the quietest windows have
    in each mel band, found by clipping at five deviations. Speech is what is left without it: more
    than the background varies by, and no more than `top_db` dB below the loudest.
    """
    import librosa  # lazy: 0.3 s that a bad configuration should not wait for
    from scipy.ndimage import minimum_filter1d

    levels = librosa.feature.rms(y=waveform, frame_length=WINDOW, hop_length=HOP)[0]
    recorded = minimum_filter1d(levels, 2 * WINDOW // HOP + 1) > _ZERO  # wholly
    if recorded.sum() < _FEWEST:
        return None
    power = librosa.feature.melspectrogram(
        y=waveform, sr=sample_rate, n_fft=WINDOW, hop_length=HOP, n_mels=_BANDS, fmin=LOWEST
    )  # (bands, windows)
    total = power.sum(axis=0)
    quiet = recorded & (total <= np.percentile(total[recorded], _QUIETEST))
    for _ in range(_ROUNDS):
        left = _without(power, power[:, quiet].mean(axis=1))
        varies = left[quiet].mean() + _SPREAD * left[quiet].std()
        before, quiet = quiet, recorded & (left <= varies)
        if (before == quiet).all():
            break
    loud = np.flatnonzero(left > max(varies, left.max() * 10 ** (-top_db / 10)))
    steady = np.std(10 * np.log10(total[quiet])) <= _STEADY
    if not steady or not len(loud) or varies > _CLEAR * left.max():
        return None
    # a window more on each side: what begins and ends softly is lost in the background
    return max(0, int(loud[0]) - 1) * HOP, min(len(waveform), (int(loud[-1]) + 2) * HOP)


def quietest_level(levels: np.ndarray) -> float:
    """The level that a tenth of a recording's windows stays below; levels: (windows,)."""
    recorded = levels[levels > _ZERO]
    return float(np.percentile(recorded, 10)) if len(recorded) else 0.0


def without_rumble(waveform: np.ndarray, *, sample_rate: int) -> np.ndarray:
    """The same (samples,) float32 without what is lower than a voice; nothing moves in time."""
    from scipy.signal import butter, sosfiltfilt

    filtered = butter(2, LOWEST, "highpass", fs=sample_rate, output="sos")
    if len(waveform) <= WINDOW:
        return waveform  # too short to know
    return sosfiltfilt(filtered, waveform).astype(np.float32)


def _without(power: np.ndarray, background: np.ndarray) -> np.ndarray:
    """What is left in each window, (bands, windows) -> (windows,); a single outlier does not count."""
    from scipy.signal import medfilt

    return medfilt(np.maximum(power - background[:, None], 0).sum(axis=0), 3)
