"""Honest, tracked, speaker-independent emotion recognition from voice and face on RAVDESS."""

__version__ = "0.2.0"
