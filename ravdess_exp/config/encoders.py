"""Frozen encoders of a configuration: can each be used, and did one of them see RAVDESS."""

from importlib.util import find_spec
from typing import Any

from ravdess_exp.config.schema import Config
from ravdess_exp.config.schema.encoders import OnnxAudio, OnnxFace, Whisper
from ravdess_exp.errors import ConfigError


def check_encoders(config: Config) -> None:
    """Raise `ConfigError` where an encoder's file, tensors, input or facts do not do."""
    audio = config.audio
    if (
        isinstance(audio, OnnxAudio)
        and audio.input == "whisper_mel"
        and audio.sample_rate != 16_000
    ):
        raise ConfigError(
            f"audio.sample_rate={audio.sample_rate}: expected 16000 with audio.input=whisper_mel"
        )
    for section, group in ((audio, "audio"), (config.visual, "visual")):
        if isinstance(section, OnnxAudio | OnnxFace) and find_spec("onnxruntime") is None:
            raise ConfigError(
                f"{group}=onnx needs the package onnxruntime: pip install 'ravdess_exp[onnx]'"
            )
    for encoder in encoders(config):
        encoder.check()


def encoders(config: Config) -> list[Any]:
    """The frozen encoders that this configuration takes its inputs from."""
    found = []
    if config.modality != "video" and isinstance(config.audio, Whisper | OnnxAudio):
        found.append(config.audio.build())
    if config.modality != "audio" and isinstance(config.visual, OnnxFace):
        found.append(config.visual.feature())
    return found


def saw_ravdess(config: Config) -> bool:
    """Whether one of them was trained on RAVDESS, which was accepted then."""
    return any(encoder.facts().saw_ravdess for encoder in encoders(config))
