"""Trained here, scored there: further corpora, prepared before the training and read after it."""

import csv
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import keras
import pandas as pd

from ravdess_exp.corpus.clip import Clip
from ravdess_exp.corpus.other import OtherCorpus, Scorable, of_known_speakers, overlapping
from ravdess_exp.corpus.relabelled import LeftOut
from ravdess_exp.corpus.split import Split
from ravdess_exp.errors import CorpusError, RavdessError, in_a_line
from ravdess_exp.files import whole
from ravdess_exp.folder import OTHERS, RunFolder, clips_file, predictions_file
from ravdess_exp.prepare.clips import Prepared
from ravdess_exp.prepare.preparation import Preparer
from ravdess_exp.report.other_text import prepared_line
from ravdess_exp.run.build import Experiment
from ravdess_exp.run.inputs import FittedInputs
from ravdess_exp.scoring.other import Others, OtherScores
from ravdess_exp.scoring.predictions import Predictions, predict
from ravdess_exp.training.dataset import make_samples

log = logging.getLogger(__name__)

_COLUMNS = ("clip", "actor", "emotion", "class", "scored", "sha256", "reason")


@dataclass(frozen=True)
class _Ready:
    """One further corpus whose clips are prepared."""

    corpus: OtherCorpus
    scorable: Scorable
    prepared: Prepared


@dataclass(frozen=True)
class ReadyOthers:
    """Those that can be scored. failures: why the others cannot, by name."""

    ready: tuple[_Ready, ...] = ()
    failures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Learned:
    """The clips that train or validate: the name of each by its recording, and all of them by file."""

    names: Mapping[str, str]
    clips: Mapping[str, Sequence[Clip]]

    @classmethod
    def of(cls, clips: Sequence[Clip], prepared: Prepared) -> "_Learned":
        by_file: dict[str, list[Clip]] = defaultdict(list)
        for clip in clips:
            by_file[prepared.files[clip.name]].append(clip)
        return cls({_digest(prepared, clip.name): clip.name for clip in clips}, by_file)

    def known(self, clips: Sequence[Clip], prepared: Prepared) -> tuple[LeftOut, ...]:
        """Which clips of another corpus cannot be scored, since they, or who speaks, were met."""
        digests = {clip.name: _digest(prepared, clip.name) for clip in clips}
        of_speakers = of_known_speakers(clips, digests, self.names)
        names = {of.clip.name for of in of_speakers}
        others = overlapping(clips, prepared.files, self.clips)
        return (*of_speakers, *(of for of in others if of.clip.name not in names))


def prepare_others(experiment: Experiment, preparer: Preparer) -> ReadyOthers:
    """List and prepare the further corpora of a run; nothing of them is shown to the training.

    Raises what is wrong with one of them, before the training; where corpora are crossed it is kept as
    the reason why that one is not scored, and the run goes on.
    """
    ready, failures = [], {}
    for other in experiment.others:
        try:
            ready.append(_prepare(experiment, other, preparer))
        except RavdessError as error:
            if not experiment.crossed:
                raise
            failures[other.name] = in_a_line(error)
            log.warning("%s cannot be scored: %s", other.name, error)
    return ReadyOthers(tuple(ready), failures)


def prepare_each(experiment: Experiment, others: Sequence[OtherCorpus], preparer: Preparer) -> None:
    """Fill the prepared store with all clips of these corpora; one that fails is told, and stops none."""
    for other in others:
        try:
            found = other.find()
            preparer.beside(other.name)(experiment.preparation, found.clips, found.rejected)
        except RavdessError as error:
            if not experiment.crossed:
                raise
            log.warning("%s cannot be prepared: %s", other.name, error)


def _prepare(experiment: Experiment, other: OtherCorpus, preparer: Preparer) -> _Ready:
    scorable = other.scorable(experiment.corpus.classes)
    prepared = preparer.beside(other.name)(
        experiment.preparation, scorable.clips, other.find().rejected
    )
    log.info(
        "%s", prepared_line(other.name, len(prepared.clips), {c.actor for c in prepared.clips})
    )
    return _Ready(other, scorable, prepared)


def score_others(
    found: ReadyOthers,
    model: keras.Model,
    *,
    experiment: Experiment,
    fitted: FittedInputs,
    split: Split,
    prepared: Prepared,
    folder: RunFolder,
) -> Others:
    """Score the model on each, and write down which clips those are and what it says of them.

    prepared: of the run's own clips. A speaker of whom a recording trained or validated is left out.
    """
    learned = _Learned.of((*split.train, *split.validation), prepared)
    scores, failures = {}, dict(found.failures)
    for one in found.ready:
        try:
            scores[one.corpus.name] = _score(one, model, experiment, fitted, learned, folder)
        except CorpusError as error:
            if not experiment.crossed:
                raise
            failures[one.corpus.name] = in_a_line(error)
    others = Others(scores, failures)
    if others:
        folder.write_json(OTHERS, others.as_json(), in_order=True)
    return others


def _score(
    one: _Ready,
    model: keras.Model,
    experiment: Experiment,
    fitted: FittedInputs,
    learned: _Learned,
    folder: RunFolder,
) -> OtherScores:
    clips = one.prepared.clips
    known = learned.known(clips, one.prepared)
    left_out = {of.clip.name for of in known}
    scored = tuple(clip for clip in clips if clip.name not in left_out)
    _write_clips(one, scored, known, folder)
    if len({clip.emotion for clip in scored}) < 2:
        raise CorpusError(
            f"{one.corpus.key}: {one.corpus.name} has no clips of two classes left to be scored; of "
            f"{len(known)} clips the speaker is known to the model, since a recording of theirs is in "
            f"training too; {folder / clips_file(one.corpus.name)} lists them"
        )
    (samples,) = make_samples(
        one.prepared,
        [scored],
        audio_input=fitted.audio,
        picture_input=fitted.picture,
        classes=experiment.corpus.classes,
        one_hot=False,
    )
    said = predict(model, samples, batch_size=experiment.fit.batch_size)
    with whole(folder / predictions_file(one.corpus.name)) as path:
        said.save(path)
    return OtherScores.of(
        _as_table(said),
        lacking=one.scorable.lacking,
        unknown=one.scorable.unknown,
        known=len(known),
        failed=len(one.prepared.failures),
    )


def _as_table(said: Predictions) -> pd.DataFrame:
    """As `Pooled` reads predictions; one model is one seed."""
    names = said.names
    values = {
        "seed": 0,
        "clip": said.clips,
        "actor": said.actors,
        "label": [names[label] for label in said.labels],
        "prediction": [names[label] for label in said.predicted],
    }
    return pd.concat(
        [pd.DataFrame(values), pd.DataFrame(said.probabilities, columns=names)], axis=1
    )


def _digest(prepared: Prepared, name: str) -> str:
    """Of the sound where there is one: the same recording in another container is the same."""
    return prepared.sound_digests.get(name, prepared.contents[name])


def _write_clips(
    one: _Ready, scored: Sequence[Clip], known: Sequence[LeftOut], folder: RunFolder
) -> None:
    """Every clip and row of the corpus: its emotion there, its class here, or why it is not scored."""
    contents, named = one.prepared.contents, {clip.name: clip.emotion for clip in scored}
    failed = {str(place): reason for place, reason in one.prepared.failures}
    clips = one.corpus.find().clips
    reasons = {c.name: failed.pop(str(c.shown)) for c in clips if str(c.shown) in failed}
    reasons |= {of.clip.name: of.reason for of in (*one.scorable.left_out, *known)}
    rows = [
        (c.name, c.actor, c.emotion, named.get(c.name, ""), c.name in named,
         contents.get(c.name, ""), reasons.get(c.name, ""))
        for c in clips
    ]  # fmt: skip
    unread = (*one.scorable.rows, *failed.items())
    rows += [(str(place), "", "", "", False, "", reason) for place, reason in unread]
    with whole(folder / clips_file(one.corpus.name)) as path, path.open("w", newline="") as file:
        csv.writer(file).writerows([_COLUMNS, *rows])
