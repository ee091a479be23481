"""The clips that a configuration asks for, and how each is prepared.

Apart from `run.build`, since a study asks before TensorFlow is imported.
"""

from pathlib import Path

from ravdess_exp.config.schema import Config, Demo
from ravdess_exp.config.schema.picture import PictureFeature
from ravdess_exp.corpus.corpus import Corpus
from ravdess_exp.corpus.manifest import Selection
from ravdess_exp.corpus.ravdess.labels import Classes
from ravdess_exp.prepare.recipe import Recipe


def build_corpus(config: Config) -> Corpus:
    """Where the clips are and how they are divided; of the demo, how they are made."""
    data = config.data
    root = Path(data.root)

    def make_demo() -> None:
        from ravdess_exp.corpus.demo import generate_demo  # codecs and signal processing

        generate_demo(root, clips_per_actor=data.clips_per_actor, n_jobs=data.workers)

    return Corpus(
        source=data.source,
        root=root,
        selection=Selection(
            modality=config.modality,
            channel=data.channel,
            intensity=data.intensity,
            statement=data.statement,
            without_emotions=tuple(data.without_emotions),
            without_actors=tuple(data.without_actors),
        ),
        classes=Classes(data.classes, tuple(data.without_emotions)),
        divide=config.split.build(),
        has_folds=config.split.fold_key is not None,
        make=make_demo if isinstance(data, Demo) else None,
    )


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
