"""A study: one configuration, run on every fold of its split and with every seed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import OmegaConf

from ravdess_exp.command import assignment
from ravdess_exp.config.check import validate
from ravdess_exp.config.schema import Config
from ravdess_exp.corpus.catalogue import Manifest
from ravdess_exp.corpus.speaker import in_order, label_of
from ravdess_exp.corpus.split import Split
from ravdess_exp.errors import ConfigError, OutputError, RavdessError, SplitError
from ravdess_exp.folder import CONFIGURATION, PREDICTIONS, SPLIT, RunFolder
from ravdess_exp.places import SWEEP_FOLDER
from ravdess_exp.prepare.recipe import same_entries
from ravdess_exp.prepare.store import ContentDigests, Store
from ravdess_exp.run.clips import build_corpus, build_each, build_recipe
from ravdess_exp.study.changes import LABELS, other_clips, other_file, relabelled
from ravdess_exp.study.settings import other_settings

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Member:
    """One run of a study.

    label: the name of its folder; fold: the actor or the fold that is scored, None where the split
    has none; overrides: those of its command line.
    """

    label: str
    fold: int | str | None
    seed: int
    config: Config
    overrides: tuple[str, ...]
    folder: Path

    def reason_to_run(self, manifest: Manifest, digest: Callable[..., str]) -> str | None:
        """Why this run is still to be done; None where its folder holds it, done to the end.

        digest: SHA-256 of a file, or of a part. A run counts as done with the same settings, the same
        clips in each set, their contents included, and arrays that the same libraries prepared. Raises
        `ConfigError` where the folder holds a run of other settings: a study never mixes.
        """
        import pandas as pd  # 0.3 s, for which neither help nor a mistake should wait

        folder = RunFolder(self.folder)
        stored = folder / CONFIGURATION / "config.yaml"
        if not folder.finished or not stored.exists():
            return folder.failure()
        self._refuse_others(stored)
        try:
            folder.metrics()
            pd.read_csv(self.folder / PREDICTIONS)
            texts = dict.fromkeys(("clip", *LABELS), str)  # also where they look like numbers
            table = pd.read_csv(self.folder / SPLIT, dtype=texts, keep_default_na=False)
            prepared_by = folder.identity().get("preparation")
        except (OSError, ValueError, OutputError):
            return "a file of it is damaged or missing"
        if other_clips(table, self.split(manifest)):
            return "the clips of the corpus, or their sets, are others now"
        # a run of version 0.1 knew neither
        if prepared_by and not same_entries(prepared_by, build_recipe(self.config).settings()):
            return "its clips were prepared in another way, or by other versions of the libraries"
        if reason := relabelled(table, self.split(manifest)):
            return reason
        if "sha256" in table and (changed := other_file(table, self.split(manifest), digest)):
            return f"the recording of {changed} is another one now"
        return None

    def split(self, manifest: Manifest) -> Split:
        """How this run divides the clips; raises `SplitError`."""
        return build_corpus(self.config, manifest).split(manifest)

    def split_failure(self, manifest: Manifest) -> str | None:
        """Why the clips cannot be divided, or which class a set lacks; None where all is well."""
        try:
            build_corpus(self.config, manifest).require_classes(self.split(manifest))
        except SplitError as error:
            return str(error)
        return None

    @property
    def fold_label(self) -> str:
        """The label without the seed; of a split without folds, the label."""
        return self.label.removesuffix(f"-seed_{self.seed}")

    def failure(self) -> str:
        """Why it is not finished, in a line."""
        return RunFolder(self.folder).failure()

    def _refuse_others(self, stored: Path) -> None:
        advice = f"choose another {SWEEP_FOLDER}"
        try:
            there = validate(OmegaConf.load(stored), earlier=True)
            record = OmegaConf.load(stored.with_name("hydra.yaml"))
            choices = OmegaConf.to_container(record.hydra.runtime.choices)
        except RavdessError as error:
            raise OutputError(f"{self.folder}: holds an older run ({error}); {advice}") from error
        except (OSError, AttributeError):
            choices = {}
        if reason := other_settings(there, self.config, choices):
            raise ConfigError(f"{self.folder} holds a run with {reason} {advice}")


@dataclass(frozen=True)
class Study:
    """The runs that one configuration stands for."""

    config: Config
    overrides: tuple[str, ...]
    folder: Path
    members: tuple[Member, ...]
    manifest: Manifest

    def unfinished(self) -> list[Member]:
        """The runs that are still to be done."""
        reasons = self.reasons_to_run()
        return [member for member in self.members if member.label in reasons]

    def reasons_to_run(self) -> dict[str, str]:
        """Why each run that is still to be done is, by its label; see `Member.reason_to_run`."""
        store = Store(Path(self.config.data.store))
        from ravdess_exp.study.others import other_changed  # pandas comes with it

        digests = ContentDigests(store, longest=self.config.data.longest)
        beside = {other.name: other for other in build_each(self.config)}
        reasons = {
            m.label: m.reason_to_run(self.manifest, digests) or other_changed(m, beside, digests)
            for m in self.members
        }
        digests.save()
        return {label: reason for label, reason in reasons.items() if reason is not None}

    def done(self) -> list[Member]:
        """The runs that have results, whatever they are of; `unfinished` has looked at that."""
        return [member for member in self.members if RunFolder(member.folder).finished]

    def require_splits(self) -> None:
        """Raise `SplitError` where no run can divide the clips, so that none is started.

        One fold that cannot, such as that of an actor without clips of a class, fails alone.
        """
        if self.config.task == "prepare":
            return  # every clip is prepared, however they are divided
        reasons = [member.split_failure(self.manifest) for member in self.members]
        if None in reasons:
            return
        first = reasons[0]
        if len(set(reasons)) > 1:
            first = f"none of the {len(reasons)} runs can divide the clips; the first one: {first}"
        raise SplitError(first)


def plan(config: Config, overrides: Sequence[str], folder: Path, root: Path) -> Study:
    """All runs of a study that keeps its files in `folder`, somewhere below the multirun's `root`.

    Raises `SplitError` where none of them can divide the clips.
    """
    manifest = build_corpus(config).find()
    key = config.split.fold_key
    folds = _folds(config, manifest) if config.folds != "one" else [None]
    members = []
    for seed in config.seeds or [config.seed]:
        for fold in folds:
            label = _label(key, fold, seed)
            own = [f"seed={seed}", assignment("name", member_name(config.name, label))]
            own += [] if fold is None else [_scored(f"split.{key}", fold)]
            place = folder / label
            own.append(f"hydra.sweep.subdir={place.relative_to(root)}")
            changed = config.model_dump(by_alias=True) | {"seed": seed}
            if fold is not None:
                changed["split"] = changed["split"] | {key: fold}
            member = Config.model_validate(changed)
            members.append(Member(label, fold, seed, member, (*overrides, *own), place))
    study = Study(config, tuple(overrides), folder, tuple(members), manifest)
    study.require_splits()
    return study


def plan_run(config: Config, overrides: Sequence[str], folder: Path, root: Path) -> Study:
    """A single run of a sweep as a study of one, whose folder is the run's; see `plan`."""
    place = f"hydra.sweep.subdir={folder.relative_to(root)}"
    member = Member(folder.name, None, config.seed, config, (*overrides, place), folder)
    study = Study(config, tuple(overrides), folder, (member,), build_corpus(config).find())
    study.require_splits()
    return study


def _scored(key: str, fold: int | str) -> str:
    """The override of the fold that is scored."""
    return assignment(key, fold) if isinstance(fold, str) else f"{key}={fold}"


def _folds(config: Config, manifest: Manifest) -> list[int | str]:
    actors = in_order(clip.actor for clip in manifest.clips)
    known = config.split.build().all_folds(actors)
    if config.folds == "all":
        return known
    if absent := [fold for fold in config.folds if fold not in known]:
        reasons = "".join(f"; {sentence}" for sentence in manifest.unheard_actors())
        raise ConfigError(f"folds={absent}: expected some of {known}{reasons}")
    return in_order(config.folds)


def _label(key: str | None, fold: int | str | None, seed: int) -> str:
    if fold is None:
        return f"seed_{seed}"
    return f"{'actor' if key == 'test_actor' else 'fold'}_{label_of(fold)}-seed_{seed}"


def member_name(name: str, label: str) -> str:
    """What a study's run is called in MLflow."""
    return label if name == "default" else f"{name}-{label}"
