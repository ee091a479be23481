"""After a search: the command that scores its best trial on actors that did not choose it."""

from collections.abc import Sequence
from pathlib import Path

from ravdess_exp.again import new_command
from ravdess_exp.corpus.selection import list_word
from ravdess_exp.corpus.speaker import in_order
from ravdess_exp.places import key_of
from ravdess_exp.run.clips import build_corpus
from ravdess_exp.study.combinations import Compose, validate_job

_DIVIDES = (
    "split",
    "folds",
    "seeds",
    "data.without_actors",
)  # which clips train and which are scored
_VALIDATES = 4  # of so many actors of the search one


def how_to_score(compose: Compose, fixed: Sequence[str], values: Sequence[str], root: Path) -> str:
    """A sentence and a command. fixed: the search's overrides; values: the best trial's; root: its folder."""
    words = [*(word for word in fixed if not _divides(key_of(word))), *values]
    left_out = set(validate_job(compose, [*fixed, *values]).data.without_actors)
    whole = validate_job(compose, [*words, "data.without_actors=[]"])
    actors = {clip.actor for clip in build_corpus(whole).find().clips}
    unseen, seen = in_order(actors & left_out), in_order(actors - left_out)
    if not unseen or len(seen) < 2:
        return (
            "No actor here was kept out of the search; keep some out of the next one by "
            "data.without_actors. This does the best trial again:\n  "
            f"{new_command([*fixed, *values], root)}"
        )
    held = max(1, len(seen) // _VALIDATES)
    sets = {"train": seen[:-held], "validation": seen[-held:], "test": unseen}
    lists = [list_word(f"split.{name}", of) for name, of in sets.items()]
    once = [*words, "data.without_actors=[]", "folds=one", "seeds=null", "split=fixed", *lists]
    return (
        "This trains it once and scores it on actors that the search never had:\n  "
        f"{new_command(once, root)}"
    )


def _divides(key: str) -> bool:
    return key in _DIVIDES or key.startswith("split.")
