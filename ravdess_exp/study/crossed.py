"""A study in which every corpus trains once and all others are scored."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from ravdess_exp.again import study_command
from ravdess_exp.command import assignment
from ravdess_exp.config.parts import corpora_of
from ravdess_exp.config.schema import Config
from ravdess_exp.corpus.catalogue import Manifest
from ravdess_exp.corpus.corpus import Corpus
from ravdess_exp.corpus.split import Split
from ravdess_exp.errors import CorpusError
from ravdess_exp.files import whole
from ravdess_exp.folder import CROSSED, METRICS, PREDICTIONS, SUMMARY, RunFolder, predictions_file
from ravdess_exp.run.clips import build_corpus
from ravdess_exp.scoring.crossed_result import CrossedResult
from ravdess_exp.scoring.other import OtherScores, read_others
from ravdess_exp.scoring.pooled import read_predictions
from ravdess_exp.study.others import pooled_scores
from ravdess_exp.study.study import Member, Study, member_name


@dataclass(frozen=True)
class CorpusMember(Member):
    """The run that one of the corpora trains, whose clips are that corpus's alone."""

    @property
    def trained_on(self) -> str:
        """The corpus's name."""
        return self.config.data.train_on

    @cached_property
    def _corpus(self) -> Corpus:
        return build_corpus(self.config)

    def split(self, manifest: Manifest) -> Split:
        """How this run divides its corpus; manifest: of no meaning here, since each has its own."""
        return self._corpus.split(self._corpus.find())

    def split_failure(self, manifest: Manifest) -> str | None:
        """Why the corpus cannot be listed or divided; see `Member.split_failure`."""
        try:
            self._corpus.find()
        except CorpusError as error:
            return str(error)
        return super().split_failure(self._corpus.find())

    def reason_to_run(self, manifest: Manifest, digest) -> str | None:
        """See `Member.reason_to_run`; a corpus that cannot be listed any more fails in its own run."""
        try:
            return super().reason_to_run(manifest, digest)
        except CorpusError as error:
            return str(error)


def plan_crossed(config: Config, overrides: Sequence[str], folder: Path, root: Path) -> Study:
    """A run for each corpus and seed; see `study.plan`."""
    members = []
    for seed in config.seeds or [config.seed]:
        for corpus in corpora_of(config.data):
            label = f"corpus_{corpus.name}-seed_{seed}"
            place = folder / label
            own = [
                f"seed={seed}",
                assignment("name", member_name(config.name, label)),
                assignment("data.train_on", corpus.name),
                f"hydra.sweep.subdir={place.relative_to(root)}",
            ]
            changed = config.model_dump(by_alias=True) | {"seed": seed}
            changed["data"] = changed["data"] | {"train_on": corpus.name}
            one = Config.model_validate(changed)
            members.append(CorpusMember(label, corpus.name, seed, one, (*overrides, *own), place))
    nothing = Manifest(folder, (), ())
    study = Study(config, tuple(overrides), folder, tuple(members), nothing)
    study.require_splits()
    return study


def write_crossed(study: Study, *, given_up: bool = False) -> CrossedResult:
    """summary.json, metrics.json and the heat map, from what is finished."""
    from ravdess_exp.report.crossed_figure import crossed

    folder, result = RunFolder(study.folder), summarise_crossed(study)
    if result.cells:
        with whole(folder / CROSSED) as path:
            crossed(result, path)
    folder.write_json(METRICS, result.metrics())
    folder.write_json(SUMMARY, result.as_json(), in_order=True)
    return result


def summarise_crossed(study: Study) -> CrossedResult:
    """What the finished runs found."""
    done = study.done()
    names = tuple(dict.fromkeys(member.trained_on for member in study.members))
    cells, unscored = {}, {}
    for trained in names:
        runs = [member for member in done if member.trained_on == trained]
        if runs:
            cells[trained] = {name: _cell(runs, name) for name in _scored_by(runs, names)}
            unscored[trained] = dict(read_others(runs[0].folder).failures)
    return CrossedResult(
        command=study_command(study.overrides, study.folder),
        corpora=names,
        cells=cells,
        runs=len(study.members),
        missing={m.label: m.failure() for m in study.members if m not in done},
        unscored=unscored,
        seconds=sum(RunFolder(m.folder).metrics()["seconds/total"] for m in done),
    )


def _scored_by(runs: Sequence[CorpusMember], names: Sequence[str]) -> list[str]:
    """The corpora that every one of these runs is scored on."""
    of_runs = [{*read_others(run.folder).scores, run.trained_on} for run in runs]
    return [name for name in names if all(name in of for of in of_runs)]


def _cell(runs: Sequence[CorpusMember], scored: str) -> OtherScores:
    """The runs of one corpus with each seed, on one corpus."""
    within = scored == runs[0].trained_on
    tables = [
        read_predictions(run.folder / (PREDICTIONS if within else predictions_file(scored))).assign(
            seed=run.seed
        )
        for run in runs
    ]
    table = pd.concat(tables, ignore_index=True)
    if within:
        return OtherScores.of(table)
    return pooled_scores(table, [read_others(run.folder).scores[scored] for run in runs])
