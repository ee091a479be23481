"""Which stretch of the sound and which bands decided: by hiding each and asking again."""

from dataclasses import dataclass, replace

import numpy as np

from ravdess_exp.explain.evidence import Listener
from ravdess_exp.explain.hide import mel_bands, stretches, without_band, without_stretch
from ravdess_exp.predict.inputs import Inputs
from ravdess_exp.prepare.entries import feature_of
from ravdess_exp.prepare.recipe import Recipe


@dataclass(frozen=True)
class Heard:
    """times: (T, 2) seconds of the file; bands: (B, 2) Hz; what hiding each of them costs."""

    times: np.ndarray
    time_importance: np.ndarray
    bands: np.ndarray
    band_importance: np.ndarray


def explain_sound(listener: Listener, recipe: Recipe, *, count: int, bands: int) -> Heard:
    """Hide `count` stretches of the waveform one after the other, then as many `bands`.

    The waveform itself is changed and the feature taken anew, so it is the same for every feature,
    a frozen encoder among them. Costs `count + bands` features and evaluations.
    """
    waveform, rate = listener.inputs.speech, recipe.feature.sample_rate

    def heard(changed: np.ndarray) -> Inputs:
        return replace(listener.inputs, speech=changed, feature=feature_of(changed, recipe))

    spans, ranges = stretches(len(waveform), count), mel_bands(rate, bands)
    moments = (heard(without_stretch(waveform, *span, rate=rate)) for span in spans)
    pitches = (heard(without_band(waveform, *of, rate=rate)) for of in ranges)
    return Heard(
        times=np.array(spans) / rate + listener.inputs.interval[0],
        time_importance=listener.importance(moments),
        bands=np.array(ranges),
        band_importance=listener.importance(pitches),
    )
