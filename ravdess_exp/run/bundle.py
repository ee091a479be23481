"""What a run leaves for others to use: its model with all that was fitted, as a bundle."""

from collections.abc import Sequence
from typing import Any

from ravdess_exp.again import run_command
from ravdess_exp.corpus.clip import Clip
from ravdess_exp.corpus.speaker import label_of
from ravdess_exp.corpus.split import SETS, Split
from ravdess_exp.folder import BUNDLE, RunFolder
from ravdess_exp.models.late import heads_of
from ravdess_exp.predict.bundle import Bundle, Member
from ravdess_exp.predict.carried import encoders_of
from ravdess_exp.predict.facts import Facts, UsedClip, licences_of, now, versions_of
from ravdess_exp.prepare.clips import Prepared
from ravdess_exp.run.build import Experiment
from ravdess_exp.run.inputs import FittedInputs
from ravdess_exp.training.learner import Trained


def save_bundle(
    folder: RunFolder,
    experiment: Experiment,
    *,
    trained: Trained,
    fitted: FittedInputs,
    split: Split,
    prepared: Prepared,
    result: Any,
    overrides: Sequence[str],
) -> None:
    """Write `bundle/` into a run's folder; raises `OutputError` where the disk does not take it."""
    corpus, recipe = experiment.corpus, experiment.recipe
    modality = experiment.preparation.modality
    facts = Facts(
        name=experiment.name,
        command=run_command(overrides, folder.path),
        created=now(),
        **_clips(split, prepared, refitted=trained.refitted),
        **experiment.task.facts(result),
        missing_inputs=modality == "both"
        and (experiment.augment.modality_dropout > 0 or len(heads_of(trained.model)) > 1),
        versions=versions_of(recipe),
        licences=licences_of(
            corpus.sources or (corpus.source,), recipe, modality, corpus.find().terms
        ),
    )
    encoders = [encoder.facts() for encoder in encoders_of(recipe, modality)]
    Bundle(
        recipe=recipe,
        modality=modality,
        **experiment.task.bundle(corpus.classes.names),
        members=(Member(trained.model, fitted.audio, fitted.picture),),
        facts=facts,
    ).save(
        folder / BUNDLE,
        experiment.task.card(result, experiment.parameters, facts, modality, encoders),
    )


def _clips(split: Split, prepared: Prepared, *, refitted: bool) -> dict[str, tuple[UsedClip, ...]]:
    """The clips by set; a model that was fitted again has learned from validation clips too."""
    sets = {of: tuple(getattr(split, of)) for of in SETS}
    if refitted:
        sets |= {"train": sets["train"] + sets["validation"], "validation": ()}
    return {of: _used(clips, prepared) for of, clips in sets.items()}


def _used(clips: Sequence[Clip], prepared: Prepared) -> tuple[UsedClip, ...]:
    return tuple(
        sorted(
            UsedClip(
                clip.name,
                label_of(clip.actor),
                prepared.contents[clip.name],
                prepared.files[clip.name] if clip.segment else "",
            )
            for clip in clips
        )
    )
