"""Frozen networks as features: a file of weights, read once a process, never trained here."""

from ravdess_exp.features.encoders.face import OnnxFace
from ravdess_exp.features.encoders.facts import SAW_RAVDESS, EncoderFacts
from ravdess_exp.features.encoders.sound import OnnxAudio
from ravdess_exp.features.encoders.whisper import Whisper

__all__ = ["SAW_RAVDESS", "EncoderFacts", "OnnxAudio", "OnnxFace", "Whisper"]
