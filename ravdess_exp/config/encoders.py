"""Frozen encoders of a configuration: can each be used, and did one of them see RAVDESS."""

from importlib.util import find_spec
from typing import Any

from ravdess_exp.command import install_command
from ravdess_exp.config.schema import Config
from ravdess_exp.config.schema.base import Component
from ravdess_exp.config.schema.encoders import OnnxAudio, OnnxFace, Whisper
from ravdess_exp.errors import ConfigError


def check_encoders(config: Config) -> None:
    """Raise `ConfigError` where an encoder's file, tensors, input or facts do not do."""
    for section in _sections(config):
        if isinstance(section, OnnxAudio | OnnxFace) and find_spec("onnxruntime") is None:
            group = "audio" if isinstance(section, OnnxAudio) else "visual"
            raise ConfigError(
                f"{group}=onnx needs the package onnxruntime: {install_command('onnx')}"
            )
        if isinstance(section, OnnxAudio):
            _check_rate(section)
    for encoder in encoders(config):
        encoder.check()


def _check_rate(audio: OnnxAudio) -> None:
    if audio.input == "whisper_mel" and audio.sample_rate != 16_000:
        raise ConfigError(
            f"audio.sample_rate={audio.sample_rate}: expected 16000 with audio.input=whisper_mel"
        )


def encoders(config: Config) -> list[Any]:
    """The frozen encoders that this configuration takes its inputs from."""
    return [
        section.feature() if isinstance(section, OnnxFace) else section.build()
        for section in _sections(config)
    ]


def _sections(config: Config) -> list[Component]:
    """The sections of frozen encoders that this configuration uses, those beside others too."""
    used = [] if config.modality == "video" else [config.audio]
    used += [] if config.modality == "audio" else [config.visual]
    parts = [part for section in used for part in getattr(section, "features", {}).values()]
    return [s for s in [*used, *parts] if isinstance(s, Whisper | OnnxAudio | OnnxFace)]


def saw_ravdess(config: Config) -> bool:
    """Whether one of them was trained on RAVDESS, which was accepted then."""
    return any(encoder.facts().saw_ravdess for encoder in encoders(config))
