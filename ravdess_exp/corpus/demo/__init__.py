"""The demo corpora: drawn faces and synthesised voices, under RAVDESS's file names and under others."""

from ravdess_exp.corpus.demo.second import generate_second
from ravdess_exp.corpus.demo.writer import generate_demo

__all__ = ["generate_demo", "generate_second"]
