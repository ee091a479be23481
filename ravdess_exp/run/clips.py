"""The clips that a configuration asks for, and how each is prepared.

Apart from `run.build`, since a study asks before TensorFlow is imported.
"""

from functools import partial
from pathlib import Path

from ravdess_exp.config.schema import Config, Demo, Table
from ravdess_exp.config.schema.clips import Named, RavdessData
from ravdess_exp.config.schema.picture import PictureFeature
from ravdess_exp.corpus.catalogue import Manifest
from ravdess_exp.corpus.corpus import Corpus
from ravdess_exp.corpus.named import list_named
from ravdess_exp.corpus.ravdess.labels import Classes
from ravdess_exp.corpus.ravdess.scan import scan
from ravdess_exp.corpus.selection import Selection
from ravdess_exp.corpus.table import list_table
from ravdess_exp.prepare.recipe import Recipe


def build_corpus(config: Config, found: Manifest | None = None) -> Corpus:
    """Where the clips are and how they are divided; of the demo, how they are made.

    found: what is known to be there, so that it is not read again.
    """
    selection = _selection(config)
    return Corpus(
        source=config.data.source,
        root=_root(config.data),
        selection=selection,
        list_clips=partial(_list_clips, config.data, selection),
        divide=config.split.build(),
        has_folds=config.split.draws,
        found=found,
    )


def _selection(config: Config) -> Selection:
    data = config.data
    return Selection(
        modality=config.modality,
        channel=getattr(data, "channel", "all"),
        intensity=data.intensity,
        statement=data.statement,
        without_emotions=tuple(data.without_emotions),
        without_actors=tuple(data.without_actors),
    )


def _root(data: RavdessData | Table | Named) -> Path:
    """The folder of the clips."""
    return Path(data.root) if data.root is not None else Path(data.table).parent


def _list_clips(data: RavdessData | Table | Named, selection: Selection) -> Manifest:
    if isinstance(data, Table):
        return list_table(
            Path(data.table),
            root=None if data.root is None else Path(data.root),
            columns=data.columns,
            labels=data.labels,
            targets=data.targets or (),
            encoding=data.encoding,
            selection=selection,
        )
    root = Path(data.root)
    if isinstance(data, Named):
        return list_named(data.source, root, selection=selection, labels=data.labels)
    if isinstance(data, Demo):
        from ravdess_exp.corpus.demo import generate_demo  # codecs and signal processing

        generate_demo(root, clips_per_actor=data.clips_per_actor, n_jobs=data.workers)
    return scan(root, selection, Classes(data.classes, selection.without_emotions))


def build_recipe(config: Config) -> Recipe:
    """How one clip is prepared."""
    return Recipe(
        feature=config.audio.build(),
        detector=config.face.build(),
        top_db=config.trim.top_db,
        frames=config.frames.count,
        size=config.frames.size,
        gray=config.frames.colour == "gray",
        loudest=config.frames.chosen == "loudest",
        reference=config.frames.reference,
        register=config.frames.register_,
        longest=config.data.longest,
        picture=config.visual.feature() if isinstance(config.visual, PictureFeature) else None,
    )
