"""How the clips of a run are prepared, and the memory of what a process prepared last."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ravdess_exp.corpus.clip import Clip
from ravdess_exp.features.variants import SoundVariants
from ravdess_exp.prepare.clips import Prepared, prepare
from ravdess_exp.prepare.recipe import Recipe
from ravdess_exp.prepare.rows import Rows
from ravdess_exp.prepare.store import Store
from ravdess_exp.prepare.variants import VariantReader


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """The recipe of a clip, where its arrays are kept, and how the work is done: see `prepare`.

    variants: of the sound of training clips; None for none.
    """

    recipe: Recipe
    store: Path
    modality: str
    workers: int
    max_failed: float
    clip_seconds: float
    variants: SoundVariants | None = None


class Preparer:
    """Prepares clips and remembers the last answer, which the folds of a study share.

    It holds an open file, so a copy in another process starts without memory.
    """

    def __init__(self) -> None:
        self._question: tuple | None = None
        self._answer: Prepared | None = None
        self._reader: VariantReader | None = None
        self._beside: dict[str, Preparer] = {}

    def __getstate__(self) -> dict:
        return {"_question": None, "_answer": None, "_reader": None, "_beside": {}}

    def beside(self, name: str) -> "Preparer":
        """The one of a further corpus, which is remembered beside the run's own clips."""
        return self._beside.setdefault(name, Preparer())

    def __call__(
        self,
        preparation: Preparation,
        clips: Sequence[Clip],
        rejected: Sequence[tuple[Path, str]] = (),
    ) -> Prepared:
        """Prepare these clips; `made` is 0 where the answer is the remembered one."""
        # neither the number of workers, nor the patience with a clip, nor variants change the answer
        question = (
            tuple(clips),
            tuple(rejected),
            replace(preparation, workers=1, clip_seconds=1.0, variants=None),
        )
        if self._answer is not None and question == self._question:
            return replace(self._answer, made=0)
        # before the next one is read: both would need twice the memory
        self._answer = self._reader = None
        self._answer = prepare(
            clips,
            recipe=preparation.recipe,
            store=Store(preparation.store),
            modality=preparation.modality,
            workers=preparation.workers,
            max_failed=preparation.max_failed,
            clip_seconds=preparation.clip_seconds,
            rejected=rejected,
        )
        self._question = question
        return self._answer

    def vary(
        self, preparation: Preparation, prepared: Prepared, clips: Sequence[Clip]
    ) -> dict[str, Rows]:
        """The variants of the sound of these prepared clips, by clip name; what is read is remembered.

        Empty without `preparation.variants`. See `VariantReader`.
        """
        if preparation.variants is None:
            return {}
        what = (prepared.contents, preparation.recipe, preparation.variants, preparation.store)
        if self._reader is None or self._reader.what != what:
            self._reader = VariantReader(*what)
        return self._reader(
            clips,
            workers=preparation.workers,
            clip_seconds=preparation.clip_seconds,
            max_failed=preparation.max_failed,
        )
