"""Functionals of speech, by librosa, NumPy and SciPy alone: contours over time, and what describes them."""

from ravdess_exp.features.functionals.contours import Contours
from ravdess_exp.features.functionals.functionals import BLOCKS, Functionals

__all__ = ["BLOCKS", "Contours", "Functionals"]
