"""Checks of an audio feature's settings together, and of the packages that options need."""

from importlib.util import find_spec

from ravdess_exp.command import install_command
from ravdess_exp.config.schema import Config
from ravdess_exp.config.schema.audio import LogMel, Several
from ravdess_exp.config.schema.base import Component
from ravdess_exp.config.schema.encoders import OnnxAudio, Whisper
from ravdess_exp.errors import ConfigError


def check_sound(config: Config) -> None:
    """What the keys of an audio feature cannot say alone; raises `ConfigError`."""
    audio, named = config.audio, {"audio": config.audio}
    if isinstance(audio, Several):
        named = {f"audio.features.{name}": part for name, part in audio.features.items()}
        _check_several(named)
    for name, feature in named.items():
        _check_feature(feature, name)
        if config.modality != "video":
            check_installed(feature, "audio")


def _check_several(features: dict[str, Component]) -> None:
    """Features side by side have no time axis, and hear the same sound."""
    for name, feature in features.items():
        if feature.has_time and feature.over_time is None:
            raise ConfigError(f"{name}: has a time axis; set {name}.over_time=statistics")
    for name, feature in features.items():
        if not isinstance(feature, Whisper | OnnxAudio):
            continue
        if feature.layer == "chosen" or feature.frames is not None:
            raise ConfigError(
                f"{name}: expected {name}.frames=null and a fixed {name}.layer, such as middle, "
                "beside other features"
            )
    rates = {name: feature.sample_rate for name, feature in features.items()}
    if len(set(rates.values())) > 1:
        found = ", ".join(f"{name}.sample_rate={rate}" for name, rate in rates.items())
        raise ConfigError(f"{found}: expected one sample rate for all")


def _check_feature(audio: Component, name: str) -> None:
    if hasattr(audio, "hop_length") and audio.n_fft < audio.hop_length:
        raise ConfigError(
            f"{name}.hop_length={audio.hop_length}: expected at most {name}.n_fft={audio.n_fft}, or "
            "sound between the windows is not heard"
        )
    if isinstance(audio, LogMel) and audio.fmin >= (audio.fmax or audio.sample_rate / 2):
        raise ConfigError(f"{name}.fmin={audio.fmin}: expected less than {name}.fmax={audio.fmax}")
    if len(set(getattr(audio, "blocks", []))) < len(getattr(audio, "blocks", [])):
        raise ConfigError(f"{name}.blocks={audio.blocks}: expected each block once")
    if hasattr(audio, "n_mels") and hasattr(audio, "n_mfcc") and audio.n_mfcc > audio.n_mels:
        raise ConfigError(
            f"{name}.n_mfcc={audio.n_mfcc}: expected at most {name}.n_mels={audio.n_mels}"
        )


def check_installed(section: Component, group: str) -> None:
    """Refuse an option whose package, an extra of the installation, is missing."""
    if section.needs and find_spec(section.needs[0]) is None:
        package, extra = section.needs
        option = type(section).__name__.lower()
        raise ConfigError(f"{group}={option} needs the package {package}: {install_command(extra)}")
