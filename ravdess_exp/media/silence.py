"""The interval of a clip in which there is speech: sound and picture are both cut to it."""

from dataclasses import dataclass

import numpy as np

from ravdess_exp.errors import SilentError
from ravdess_exp.media.background import (
    HOP,
    WINDOW,
    quietest_level,
    speech_above_background,
    without_rumble,
)

_FLOOR = 1e-4  # -80 dB of full scale: a clip whose peak is below it has no speech
_SHORTEST = 0.1  # seconds
_HARMLESS = (
    6.0  # dB under the limit: a background or an offset as low as that lifts nothing over it
)
_NOT_TOLD = (
    "speech and background cannot be told apart: its quietest tenth is {:.0f} dB below its loudest "
    "part, and changes; there may be more at its ends than speech"
)


@dataclass(frozen=True)
class Speech:
    """Where the speech of a clip is. start, end: its first sample, and the one after its last.

    offset: a constant that the clip's samples are off by; 0 where that is too little to matter.
    remark: why there may be more in it than speech; empty where nothing speaks for it.
    """

    start: int
    end: int
    offset: float = 0.0
    remark: str = ""


def find_speech(waveform: np.ndarray, *, sample_rate: int, top_db: float) -> Speech:
    """The speech of a waveform (samples,) float32, mono: silence at both ends is left out.

    Levels are the root mean square of windows of 2,048 samples, and windows are silent if they are
    more than `top_db` dB below the loudest (`librosa.effects.trim`). Where the clip's background is
    too loud for that, what is lower than a voice does not count; and if that is not enough, a window
    is silent that has nothing but the background (`speech_above_background`).

    Raises `SilentError` where less than 0.1 s is left.
    """
    offset = float(np.mean(waveform, dtype=np.float64)) if len(waveform) else 0.0
    centred = waveform - np.float32(offset)
    peak = float(np.abs(centred).max(initial=0.0))
    if peak < _FLOOR:
        raise SilentError(f"silent: the loudest sample is {peak:.1e} of full scale{_less(offset)}")
    enough = top_db + _HARMLESS
    loudest = float(_levels(centred).max())
    if abs(offset) <= loudest * 10 ** (-enough / 20):
        offset, centred = 0.0, waveform
    remark = ""
    start, end = _trim(centred, top_db)
    if _background(centred) > -enough:
        voiced = without_rumble(centred, sample_rate=sample_rate)
        start, end = _trim(voiced, top_db)
        if (background := _background(voiced)) > -enough:
            above = speech_above_background(voiced, sample_rate=sample_rate, top_db=top_db)
            if above:
                start, end = max(start, above[0]), min(end, above[1])
            else:
                remark = _NOT_TOLD.format(-background)
    if end - start < _SHORTEST * sample_rate:
        raise SilentError(f"only {(end - start) / sample_rate:.2f} s of it is not silence")
    return Speech(start, end, offset, remark)


def _levels(waveform: np.ndarray) -> np.ndarray:
    """(samples,) -> (windows,)."""
    import librosa  # lazy: 0.3 s that a bad configuration should not wait for

    return librosa.feature.rms(y=waveform, frame_length=WINDOW, hop_length=HOP)[0]


def _background(waveform: np.ndarray) -> float:
    """Level of the quietest tenth of the windows, in dB of the loudest."""
    levels = _levels(waveform)
    return 20 * np.log10(max(quietest_level(levels), 1e-10) / levels.max())


def _trim(waveform: np.ndarray, top_db: float) -> tuple[int, int]:
    import librosa

    _, (start, end) = librosa.effects.trim(
        waveform, top_db=top_db, frame_length=WINDOW, hop_length=HOP
    )
    return int(start), int(end)


def speech_interval(waveform: np.ndarray, *, sample_rate: int, top_db: float) -> tuple[int, int]:
    """First sample of the speech, and the one after its last: see `find_speech`."""
    found = find_speech(waveform, sample_rate=sample_rate, top_db=top_db)
    return found.start, found.end


def _less(offset: float) -> str:
    return f", less an offset of {offset:.2f}" if abs(offset) >= _FLOOR else ""
