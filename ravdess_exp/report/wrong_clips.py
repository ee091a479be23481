"""The clips that a model is most surely wrong about; of corpora that allow it, with picture and sound."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ravdess_exp.corpus.listing import list_files
from ravdess_exp.errors import RavdessError
from ravdess_exp.explain.explanation import Explanation
from ravdess_exp.folder import BUNDLE
from ravdess_exp.report.reading import Finished
from ravdess_exp.scoring.pooled import class_columns

SHOWN = 5
FREE = ("demo",)  # sources whose clips may be handed on by anybody, in any way


@dataclass(frozen=True)
class WrongClip:
    """seen: crops (K, S, S, 3) uint8; heard: waveform (samples,) at `rate`; None: not shown.

    explained: what the model went by when it took the clip for `predicted`.
    """

    clip: str
    speaker: str
    true: str
    predicted: str
    probability: float
    seen: np.ndarray | None = None
    heard: np.ndarray | None = None
    rate: int = 0
    explained: Explanation | None = None


def wrong_clips(finished: Finished, *, with_clips: bool) -> tuple[list[WrongClip], str]:
    """The clips, the surest first; and why they are shown without picture and sound, if they are.

    with_clips: whether the user asked for them whatever the licence; then they are explained too,
    which takes seconds for each.
    """
    table = finished.predictions
    names = list(class_columns(table))
    if not all(pd.api.types.is_numeric_dtype(table[name]) for name in names):
        return [], "The predictions have no probabilities."
    table = table.assign(sure=table[names].max(axis=1))
    wrong = table[table["label"] != table["prediction"]].sort_values("sure", ascending=False)
    rows = wrong.drop_duplicates("clip").head(SHOWN)
    plain = [
        WrongClip(str(row.clip), str(row.actor), str(row.label), str(row.prediction), float(row.sure))
        for row in rows.itertuples()
    ]  # fmt: skip
    if not (with_clips or finished.findings.corpus in FREE):
        return plain, (
            "Shown without picture and sound: the corpus does not let everybody hand clips on. "
            "--with-clips embeds them, for a report that stays with you."
        )
    files = _files(finished, {one.clip for one in plain})
    shown = [_with_content(one, files.get(one.clip), finished) for one in plain]
    missing = sum(one.seen is None and one.heard is None for one in shown)
    notes = [f"The files of {missing} of them are not to be had any more."] if missing else []
    if with_clips:
        from ravdess_exp.report.wrong_explained import with_explanations

        shown = with_explanations(shown, files, finished)
    elif missing < len(shown):
        notes.append("--with-clips adds what the model went by in each.")
    return shown, " ".join(notes)


def _files(finished: Finished, wanted: set[str]) -> dict[str, Path]:
    """By clip, the file below the corpus's folder that has the bytes that were used.

    A table's clips are named by where they are; a part of a file has other bytes, and is not shown.
    """
    settings = finished.findings.settings
    given, listed = settings.get("data.root"), settings.get("data.table")
    if not (given or listed):
        return {}
    root = Path(str(given)) if given else Path(str(listed)).parent
    digests: dict[str, str] = {}
    for table in finished.splits():
        if "sha256" in table:
            digests |= dict(zip(table["clip"].astype(str), table["sha256"], strict=True))
    if not root.is_dir():
        return {}
    placed = {clip: root / clip for clip in wanted if Path(clip).suffix}
    found = {
        clip: path
        for clip, path in placed.items()
        if path.is_file() and _digest(path) == digests.get(clip)
    }
    for path in list_files(root) if len(placed) < len(wanted) else ():
        name = next((clip for clip in wanted if clip in path.stem), None)
        if name and _digest(path) == digests.get(name):
            found[name] = path
    return found


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _with_content(one: WrongClip, path: Path | None, finished: Finished) -> WrongClip:
    """As the model met it: its crops, and the sound between the silences."""
    if path is None or "recipe" not in finished.described:
        return one
    from ravdess_exp.media.decode import Recording
    from ravdess_exp.predict.carried import with_files_of
    from ravdess_exp.prepare.entries import faces_of, speech_of
    from ravdess_exp.prepare.recipe import Recipe

    modality = str(finished.described["modality"])
    folder = finished.folder / BUNDLE
    try:
        recipe = with_files_of(folder, Recipe.from_dict(finished.described["recipe"]), modality)
        with Recording(path, longest=recipe.longest, picture=modality != "audio") as recording:
            speech = speech_of(recording, recipe)
            seen = faces_of(recording, speech, recipe)["faces"] if modality != "audio" else None
    except (RavdessError, OSError):
        return one  # what could be prepared then cannot now: the row stands without it
    return replace(
        one,
        seen=seen,
        heard=None if modality == "video" else speech["waveform"],
        rate=recipe.feature.sample_rate,
    )
