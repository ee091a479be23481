"""The interval of a clip in which there is speech: sound and picture are both cut to it."""

import numpy as np

from ravdess_exp.errors import SilentError

_FLOOR = 1e-4  # -80 dB of full scale: a clip whose peak is below it has no speech
_SHORTEST = 0.1  # seconds


def speech_interval(waveform: np.ndarray, *, sample_rate: int, top_db: float) -> tuple[int, int]:
    """First sample of the speech, and the one after its last: silence at both ends is left out.

    waveform: (samples,) float32, mono. Windows are silent if they are more than `top_db` dB below
    the loudest (`librosa.effects.trim`). Raises `SilentError` where less than 0.1 s is left.
    """
    import librosa  # lazy: 0.3 s that a bad configuration should not wait for

    peak = float(np.abs(waveform).max(initial=0.0))
    if peak < _FLOOR:
        raise SilentError(f"silent: the loudest sample is {peak:.1e} of full scale")
    _, (start, end) = librosa.effects.trim(waveform, top_db=top_db)
    if end - start < _SHORTEST * sample_rate:
        raise SilentError(f"only {(end - start) / sample_rate:.2f} s of it is not silence")
    return int(start), int(end)
