"""The clips that a configuration asks for, and how it divides them. Nothing heavy is imported."""

from pathlib import Path

from ravdess_exp.config.schema import Config, Demo
from ravdess_exp.corpus.manifest import Manifest, Selection, scan
from ravdess_exp.corpus.ravdess.labels import Classes
from ravdess_exp.corpus.split import Split


def find_clips(config: Config) -> Manifest:
    """The corpus; the demo is made first where it is missing."""
    root = Path(config.data.root)
    if isinstance(config.data, Demo):
        from ravdess_exp.corpus.demo import generate_demo

        generate_demo(root, clips_per_actor=config.data.clips_per_actor, n_jobs=config.data.workers)
    return scan(
        root,
        Selection(
            channel=config.data.channel,
            intensity=config.data.intensity,
            statement=config.data.statement,
            without_emotions=tuple(config.data.without_emotions),
            without_actors=tuple(config.data.without_actors),
        ),
    )


def classes_of(config: Config) -> Classes:
    """What the model tells apart."""
    return Classes(config.data.classes, tuple(config.data.without_emotions))


def draw_split(config: Config, manifest: Manifest) -> Split:
    """Who learns, who chooses and who is scored.

    Lists of actors are drawn from everything there is, so that a filter changes who is in no set;
    folds are drawn from all actors but `data.without_actors`, so that none is empty.
    """
    clips = manifest.everything
    if config.split.fold_key:
        clips = [clip for clip in clips if clip.actor not in config.data.without_actors]
    split: Split = config.split.build()(clips)
    return split.only({clip.name for clip in manifest.clips})
