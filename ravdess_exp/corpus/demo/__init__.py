"""The demo corpus: drawn faces and synthesised voices under RAVDESS's file names."""

from ravdess_exp.corpus.demo.writer import generate_demo

__all__ = ["generate_demo"]
