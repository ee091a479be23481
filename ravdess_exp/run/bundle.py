"""What a run leaves for others to use: its model with all that was fitted, as a bundle."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

import keras

from ravdess_exp.corpus.manifest import Clip
from ravdess_exp.corpus.split import SETS, Split
from ravdess_exp.features.audio import AudioInput
from ravdess_exp.predict.bundle import Bundle, Member
from ravdess_exp.predict.facts import Facts, UsedClip, licences_of, now, scores_of, versions_of
from ravdess_exp.predict.files import BUNDLE
from ravdess_exp.prepare.clips import Prepared
from ravdess_exp.prepare.recipe import Recipe


def save_bundle(
    folder: Path,
    *,
    model: keras.Model,
    audio_input: AudioInput | None,
    recipe: Recipe,
    modality: str,
    classes: Sequence[str],
    split: Split,
    prepared: Prepared,
    metrics: Mapping[str, float],
    name: str,
    overrides: Sequence[str],
    corpus: str,
    missing_inputs: bool,
) -> None:
    """Write `bundle/` into a run's folder. missing_inputs: see `Facts`."""
    facts = Facts(
        name=name,
        command=shlex.join(["ravdess-exp", *overrides]),
        created=now(),
        **{of: _used(getattr(split, of), prepared.contents) for of in SETS},
        scores=scores_of(metrics),
        missing_inputs=missing_inputs,
        versions=versions_of(recipe),
        licences=licences_of(corpus, recipe),
    )
    Bundle(
        recipe=recipe,
        modality=modality,
        classes=tuple(classes),
        members=(Member(model, audio_input),),
        facts=facts,
    ).save(folder / BUNDLE)


def _used(clips: Sequence[Clip], contents: Mapping[str, str]) -> tuple[UsedClip, ...]:
    return tuple(sorted(UsedClip(c.name, f"{c.actor:02d}", contents[c.name]) for c in clips))
