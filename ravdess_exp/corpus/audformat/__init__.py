"""Databases in audformat, the format that a hundred corpora of this field are published in."""

from ravdess_exp.corpus.audformat.listing import list_audformat

__all__ = ["list_audformat"]
