"""Further corpora of a study: what its models say of them together, and whether that is still so."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from ravdess_exp.config.parts import scored_beside
from ravdess_exp.corpus.other import OtherCorpus
from ravdess_exp.errors import CorpusError, in_a_line
from ravdess_exp.folder import clips_file, predictions_file
from ravdess_exp.run.clips import build_corpus
from ravdess_exp.scoring.other import Others, OtherScores, read_others
from ravdess_exp.scoring.pooled import read_predictions
from ravdess_exp.study.study import Member, Study


def joined_others(study: Study) -> dict[str, pd.DataFrame]:
    """The predictions of all finished runs on each further corpus, with fold and seed."""
    found: dict[str, list[pd.DataFrame]] = {}
    for member in study.done():
        for name in read_others(member.folder).scores:
            table = read_predictions(member.folder / predictions_file(name))
            table.insert(0, "seed", member.seed)
            table.insert(0, "fold", member.fold_label)
            found.setdefault(name, []).append(table)
    return {name: pd.concat(tables, ignore_index=True) for name, tables in found.items()}


def pool_others(study: Study, tables: Mapping[str, pd.DataFrame]) -> Others:
    """Each model scored on each further corpus, and their mean; intervals are over its speakers.

    tables: `joined_others`. Clips that one of the models cannot be scored on count for none.
    """
    of_runs = [read_others(member.folder) for member in study.done()]
    failures = {name: reason for of in of_runs for name, reason in of.failures.items()}
    scores = {}
    for name, table in tables.items():
        each = [of.scores[name] for of in of_runs if name in of.scores]
        model = table.groupby(["fold", "seed"]).ngroup()
        scores[name] = pooled_scores(table.assign(seed=model).drop(columns="fold"), each)
    return Others(scores, failures)


def pooled_scores(table: pd.DataFrame, each: Sequence[OtherScores]) -> OtherScores:
    """The mean of several models on one corpus. each: what their runs say of it."""
    return OtherScores.of(
        table,
        lacking=each[0].lacking,
        unknown=each[0].unknown,
        known=max(of.known for of in each),
        failed=max(of.failed for of in each),
    )


def other_changed(
    member: Member, beside: Mapping[str, OtherCorpus], digest: Callable[..., str]
) -> str | None:
    """Which further corpus is another one now than when this finished run was scored; None: none.

    beside: by name; digest: SHA-256 of a clip's file. One that could not be scored then, for a reason that
    there still is, is as it was.
    """
    recorded = read_others(member.folder)
    for corpus in scored_beside(member.config):
        other, path = beside[corpus.name], member.folder / clips_file(corpus.name)
        if other.name in recorded.failures:
            if not _fails_still(other, member, recorded.failures[other.name]):
                return f"{other.name}: may be scored now"
            continue
        now = {clip.name: clip for clip in other.find().clips}
        if (reason := _changed(path, now, digest)) is not None:
            return f"{other.name}: {reason}"
    return None


def _fails_still(other: OtherCorpus, member: Member, reason: str) -> bool:
    try:
        other.scorable(build_corpus(member.config).classes)
    except CorpusError as error:
        return in_a_line(error) == reason
    return False


def _changed(path: Path, now: Mapping, digest: Callable[..., str]) -> str | None:
    """path: of the list of clips that the run wrote; now: clips by name."""
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        known = table[table["actor"] != ""]
        if set(known["clip"]) != set(now):
            return "has other clips now"
        for row in known.itertuples():
            clip = now[row.clip]
            if str(clip.actor) != row.actor:
                return f"the speaker of {row.clip} is another one now"
            if clip.emotion != row.emotion:
                return f"the emotion of {row.clip} is another one now"
            if row.sha256 and digest(clip.path, clip.segment) != row.sha256:
                return f"the recording of {row.clip} is another one now"
    except (OSError, ValueError, KeyError, AttributeError):
        return "its list of clips, or a clip, cannot be read"
    return None
