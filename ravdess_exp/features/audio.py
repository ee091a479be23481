"""The audio features by name, and what makes inputs of them; each lives in a module of its own."""

from ravdess_exp.features.audio_feature import AudioFeature
from ravdess_exp.features.audio_input import AudioInput, frame_count, pre_pad, standardise
from ravdess_exp.features.functionals import Contours, Functionals
from ravdess_exp.features.opensmile import Compare, Egemaps
from ravdess_exp.features.pooled import Pooled, Several
from ravdess_exp.features.spectral import LogMel, Mfcc, MfccMean, with_deltas

__all__ = [
    "AudioFeature",
    "AudioInput",
    "Compare",
    "Contours",
    "Egemaps",
    "Functionals",
    "LogMel",
    "Mfcc",
    "MfccMean",
    "Pooled",
    "Several",
    "frame_count",
    "pre_pad",
    "standardise",
    "with_deltas",
]
