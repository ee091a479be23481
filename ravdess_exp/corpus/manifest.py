"""RAVDESS's clips under the names that they had before there were other corpora."""

from ravdess_exp.corpus.catalogue import Manifest
from ravdess_exp.corpus.listing import VIDEO_SUFFIXES
from ravdess_exp.corpus.ravdess.clip import RavdessClip as Clip
from ravdess_exp.corpus.ravdess.labels import expected_names
from ravdess_exp.corpus.ravdess.scan import scan
from ravdess_exp.corpus.selection import Selection

__all__ = ["VIDEO_SUFFIXES", "Clip", "Manifest", "Selection", "expected_names", "scan"]
