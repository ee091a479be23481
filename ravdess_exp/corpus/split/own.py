"""The sets that a corpus names itself; where it names none, speakers drawn by shares."""

import random
from collections.abc import Collection, Sequence
from typing import Literal

from ravdess_exp.corpus.clip import Clip
from ravdess_exp.corpus.selection import of_actors
from ravdess_exp.corpus.speaker import in_order
from ravdess_exp.corpus.split.folds import by_turns, sexes_of
from ravdess_exp.corpus.split.lists import FixedSplit
from ravdess_exp.corpus.split.sets import SETS, LeakySplit, Split
from ravdess_exp.errors import SplitError

ELSEWHERE = (
    "use such a corpus beside another one in training (data=several), or to be scored (data.test)"
)
_OTHERWISE = (
    "split=grouped_kfold and split=loso divide the speakers anew; split.shared_speakers=accepted takes "
    "the corpus's own sets as they are, marked as a leak"
)


class OwnSplit:
    """The corpus's own sets, such as a table's column `split`, proved to share no speaker.

    Of a corpus without, whole speakers: shuffled once by `seed`, men and women by turns, the first ones
    test, the next ones validate, the others train. validation_share, test_share: of the speakers.
    shared_speakers: `refused`, or `accepted` where the corpus's own sets have speakers in common: the
    split is then a leaky one, and named so.
    """

    def __init__(
        self,
        *,
        validation_share: float,
        test_share: float,
        seed: int,
        shared_speakers: Literal["refused", "accepted"] = "refused",
    ) -> None:
        self.shared_speakers = shared_speakers
        self.shares = {"validation": validation_share, "test": test_share}
        self.seed = seed

    def __call__(self, clips: Sequence[Clip]) -> Split:
        """Divide the clips; raises `SplitError` where a speaker is in two sets, or a set is empty."""
        if not any(clip.of_set for clip in clips):
            return self._drawn(clips)
        sets = [tuple(c for c in clips if c.of_set == name) for name in SETS]
        try:
            split = Split(*sets)
        except SplitError as error:
            if self.shared_speakers == "refused":
                raise SplitError(f"{error}; {_OTHERWISE}") from None
            split = LeakySplit(*sets)
        for name in SETS:
            if not getattr(split, name):
                raise SplitError(
                    f"split.{name}: the corpus names its own sets, but no clip of {name}; complete "
                    "them, or take another split, such as split=grouped_kfold"
                )
        return split

    def _drawn(self, clips: Sequence[Clip]) -> Split:
        actors = in_order(clip.actor for clip in clips)
        if len(actors) < len(SETS):
            raise SplitError(
                f"the corpus has {of_actors(actors)}, and each of {', '.join(SETS)} needs one; {ELSEWHERE}"
            )
        circle = by_turns(actors, sexes_of(clips), random.Random(self.seed))
        most = (len(circle) - 1) // 2  # one is left to train
        counts = {n: min(most, max(1, round(s * len(circle)))) for n, s in self.shares.items()}
        test, rest = circle[: counts["test"]], circle[counts["test"] :]
        validation, train = rest[: counts["validation"]], rest[counts["validation"] :]
        return FixedSplit(train=train, validation=validation, test=test)(clips)

    def without(
        self,
        name: str,
        actors: Collection[int | str],
        others: Sequence[int | str],
        left: str,
    ) -> str:
        """See `Divider`."""
        return f"{left} goes on without"
