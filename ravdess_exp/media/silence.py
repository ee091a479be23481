"""Where the speech is: sound and picture are both cut to this interval."""

import numpy as np

from ravdess_exp.errors import SilentError

_FLOOR = 1e-4  # -80 dB of full scale: below it there is nothing to trim by
_SHORTEST = 0.1  # seconds


def speech_interval(waveform: np.ndarray, *, sample_rate: int, top_db: float) -> tuple[int, int]:
    """First and last (exclusive) sample that is no silence at either end.

    waveform: (samples,) float32, mono. Silence is what lies more than `top_db` dB under the loudest
    window (`librosa.effects.trim`). Raises `SilentError` where there is nothing else.
    """
    import librosa  # lazy: 0.3 s that a bad configuration should not wait for

    peak = float(np.abs(waveform).max(initial=0.0))
    if peak < _FLOOR:
        raise SilentError(f"silent: the loudest sample is {peak:.1e} of full scale")
    _, (start, end) = librosa.effects.trim(waveform, top_db=top_db)
    if end - start < _SHORTEST * sample_rate:
        raise SilentError(f"only {(end - start) / sample_rate:.2f} s of it is not silence")
    return int(start), int(end)
