"""The clips of a corpus by its name."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from ravdess_exp.corpus.catalogue import Manifest
from ravdess_exp.corpus.named.corpus import NamedCorpus
from ravdess_exp.corpus.named.crema_d import CREMA_D
from ravdess_exp.corpus.named.demographics import read_sexes
from ravdess_exp.corpus.named.emodb import EMODB
from ravdess_exp.corpus.named.enterface import ENTERFACE
from ravdess_exp.corpus.named.meld import MELD, list_meld
from ravdess_exp.corpus.named.savee import SAVEE
from ravdess_exp.corpus.named.scan import scan_named
from ravdess_exp.corpus.named.tess import TESS
from ravdess_exp.corpus.selection import DEFAULT, Selection

_BY_FILE_NAME = {c.name: c for c in (CREMA_D, SAVEE, EMODB, TESS, ENTERFACE)}
TERMS = {name: corpus.terms for name, corpus in _BY_FILE_NAME.items()} | {"meld": MELD}


def list_named(
    name: str,
    root: Path,
    *,
    selection: Selection = DEFAULT,
    labels: Mapping[str, str | None] | None = None,
) -> Manifest:
    """The clips of the corpus called `name`, a key of `TERMS`, below a folder.

    labels: as of a table, by the corpus's emotions under our names. Raises `CorpusError`.
    """
    listers: dict[str, Callable[..., Manifest]] = {
        own: partial(_scan, corpus) for own, corpus in _BY_FILE_NAME.items()
    }
    listers["meld"] = list_meld
    return listers[name](root, selection=selection, labels=labels)


def _scan(corpus: NamedCorpus, root: Path, **settings) -> Manifest:
    sexes = read_sexes(root) if corpus is CREMA_D else None
    return scan_named(corpus, root, sexes=sexes, **settings)
