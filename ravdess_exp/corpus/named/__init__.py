"""Corpora that are known by their names: one small module for each, and one mechanism for all."""

from ravdess_exp.corpus.named.crema_d import CREMA_D
from ravdess_exp.corpus.named.emodb import EMODB
from ravdess_exp.corpus.named.enterface import ENTERFACE
from ravdess_exp.corpus.named.listing import TERMS, list_named
from ravdess_exp.corpus.named.savee import SAVEE
from ravdess_exp.corpus.named.tess import TESS

__all__ = ["CREMA_D", "EMODB", "ENTERFACE", "SAVEE", "TERMS", "TESS", "list_named"]
