"""The clips that a configuration asks for, and how each is prepared.

Apart from `run.build`, since a study asks before TensorFlow is imported.
"""

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ravdess_exp.config.parts import CompletePart, corpora_of, scored_beside, trained_alone
from ravdess_exp.config.schema import Config, Demo, DemoTable, Several, Table
from ravdess_exp.config.schema.corpora import Audformat, Named, RavdessData
from ravdess_exp.config.schema.picture import PictureFeature
from ravdess_exp.corpus.catalogue import Manifest
from ravdess_exp.corpus.corpus import Corpus
from ravdess_exp.corpus.named import list_named
from ravdess_exp.corpus.other import OtherCorpus
from ravdess_exp.corpus.ravdess.labels import Classes
from ravdess_exp.corpus.ravdess.scan import scan
from ravdess_exp.corpus.relabelled import relabelled
from ravdess_exp.corpus.selection import Selection
from ravdess_exp.corpus.several import CorpusPart, list_several
from ravdess_exp.corpus.table import list_table
from ravdess_exp.prepare.recipe import Recipe

_OF_AUDFORMAT = ("name", "version", "tables", "emotion", "speaker", "labels")


def build_corpus(config: Config, found: Manifest | None = None) -> Corpus:
    """Where the clips are and how they are divided; of the demo, how they are made.

    found: what is known to be there, so that it is not read again.
    """
    alone = trained_alone(config)
    data = alone.data if alone else config.data
    selection = _selection(data, config.modality)
    if alone:  # what the run leaves out, it leaves out of every corpus
        selection = selection.without(config.data.without_emotions, config.data.without_actors)
    return Corpus(
        source=data.source,
        root=_root(data),
        selection=selection,
        list_clips=partial(_list_under, alone.labels if alone else None, data, selection),
        divide=config.split.build(),
        has_folds=config.split.draws,
        found=found,
        sources=tuple(c.data.source for c in corpora_of(data)) if isinstance(data, Several) else (),
    )


def build_others(config: Config) -> tuple[OtherCorpus, ...]:
    """The corpora that the model is scored on and not trained on."""
    return tuple(_other(corpus, config.modality) for corpus in scored_beside(config))


def build_each(config: Config) -> tuple[OtherCorpus, ...]:
    """Those, and every corpus that is trained on in turn."""
    crossed = corpora_of(config.data) if config.is_crossed else []
    beside = {corpus.name: corpus for corpus in (*crossed, *scored_beside(config))}
    return tuple(_other(corpus, config.modality) for corpus in beside.values())


def _other(corpus: CompletePart, modality: str) -> OtherCorpus:
    data = corpus.data
    return OtherCorpus(
        corpus.name, corpus.key, data.source, _root(data), _part(corpus, modality=modality)
    )


def _part(corpus: CompletePart, *, modality: str) -> CorpusPart:
    listing = partial(
        _list_clips, corpus.data, _selection(corpus.data, modality), fewest_speakers=1
    )
    return CorpusPart(corpus.name, listing, corpus.labels)


def _selection(data: Any, modality: str) -> Selection:
    return Selection(
        modality=modality,
        channel=getattr(data, "channel", "all"),
        intensity=data.intensity,
        statement=data.statement,
        without_emotions=tuple(data.without_emotions),
        without_actors=tuple(data.without_actors),
    )


def _root(data: RavdessData | Table | Named | Audformat | Several) -> Path:
    """The folder of the clips; of several corpora the one that all of them are in."""
    if isinstance(data, Several):
        roots = [_root(corpus.data).absolute() for corpus in corpora_of(data)]
        return Path(os.path.commonpath(roots))
    if data.root is not None:
        return Path(data.root)
    return Path(data.table).parent if isinstance(data, Table) else Path(data.name)


def _list_under(
    labels: Mapping[str, str | None] | None, data: Any, selection: Selection
) -> Manifest:
    """List the clips, under these names of their emotions where there are any."""
    manifest = _list_clips(data, selection)
    return manifest if labels is None else relabelled(manifest, labels)[0]


def _list_clips(
    data: RavdessData | Table | Named | Audformat | Several,
    selection: Selection,
    fewest_speakers: int = 3,
) -> Manifest:
    """fewest_speakers: that a table must have; one set of a split needs one."""
    if isinstance(data, Several):
        parts = [_part(corpus, modality=selection.modality) for corpus in corpora_of(data)]
        return list_several(parts, selection, same_speakers=data.same_speakers)
    if isinstance(data, DemoTable):
        from ravdess_exp.corpus.demo import generate_second  # codecs and signal processing

        table = generate_second(
            Path(data.root), clips_per_speaker=data.clips_per_speaker, n_jobs=data.workers
        )
        return list_table(
            table, labels=data.labels, selection=selection, fewest_speakers=fewest_speakers
        )
    if isinstance(data, Table):
        return list_table(
            Path(data.table),
            root=None if data.root is None else Path(data.root),
            columns=data.columns,
            labels=data.labels,
            targets=data.targets or (),
            encoding=data.encoding,
            selection=selection,
            fewest_speakers=fewest_speakers,
        )
    if isinstance(data, Audformat):
        from ravdess_exp.corpus.audformat import list_audformat  # an extra

        settings = data.model_dump(include=set(_OF_AUDFORMAT))
        root = None if data.root is None else Path(data.root)
        return list_audformat(root, selection=selection, **settings)
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
