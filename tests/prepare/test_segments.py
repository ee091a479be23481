"""Parts of one long file: each is prepared as a file of its own would be, and the file is read once."""

import hashlib
import wave
from pathlib import Path

import numpy as np
import pytest

from ravdess_exp.corpus.selection import Selection
from ravdess_exp.corpus.table import list_table
from ravdess_exp.prepare.clips import prepare
from ravdess_exp.prepare.store import Store
from tests.helpers.media_files import numbered_frames, write_media
from tests.prepare.test_clips import RECIPE

RATE = 16_000
SECONDS = 2
SPEAKERS = ("ann", "bob", "cid")


def speech(number: int) -> np.ndarray:
    """Two seconds like no others: a tone between silences, (samples,) int16."""
    loud = np.sin(2 * np.pi * (150 + 40 * number) * np.arange(RATE) / RATE)
    return (10_000 * np.pad(loud, RATE // 2)).astype(np.int16)


def write_wav(path: Path, samples: np.ndarray) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


def read(folder: Path, rows: list[tuple], modality: str = "audio", **changes):
    table = folder / "t.csv"
    lines = ["path,speaker,emotion,start,end", *(",".join(map(str, row)) for row in rows)]
    table.write_text("\n".join(lines))
    selection = Selection(modality=modality, channel="all")
    common = {"workers": 1, "max_failed": 0.5, "clip_seconds": 60.0, "progress": False}
    return prepare(
        list_table(table, selection=selection).clips,
        recipe=RECIPE,
        store=Store(folder / "store"),
        modality=modality,
        **common | changes,
    )


def emotion(number: int) -> str:
    return ("sad", "angry")[number % 2]


@pytest.fixture
def film(tmp_path) -> list[tuple]:
    """Six parts of one file, and their rows in a table."""
    write_wav(tmp_path / "film.wav", np.concatenate([speech(n) for n in range(6)]))
    return [
        ("film.wav", SPEAKERS[n % 3], emotion(n), n * SECONDS, (n + 1) * SECONDS) for n in range(6)
    ]


def test_a_part_is_prepared_as_a_file_of_its_own(film, tmp_path, monkeypatch):
    read_files, digest = [], hashlib.file_digest
    monkeypatch.setattr(
        hashlib, "file_digest", lambda file, how: read_files.append(file.name) or digest(file, how)
    )
    parts = read(tmp_path, film)
    assert read_files == [str(tmp_path / "film.wav")], "its bytes are read once for all parts"
    assert parts.made == 6 and len(set(parts.contents.values())) == 6
    whole = []
    for n in range(6):
        write_wav(tmp_path / f"{n}.wav", speech(n))
        whole.append((f"{n}.wav", SPEAKERS[n % 3], emotion(n), "", ""))
    files = read(tmp_path, whole)
    for one, other in zip(parts.features, files.features, strict=True):
        np.testing.assert_array_equal(one, other)
    assert sorted(parts.sound_digests.values()) == sorted(files.sound_digests.values())
    np.testing.assert_allclose(
        sorted(parts.intervals[:, 0]), np.sort(files.intervals[:, 0] + 2 * np.arange(6)), atol=1e-9
    )
    assert read(tmp_path, film).made == 0, "the store knows them by the file and their times"
    film[0] = ("film.wav", "ann", "sad", 0, 1.9)
    assert read(tmp_path, film).made == 1


OUTSIDE = {
    (
        10,
        13,
    ): "the segment from 10 to 13 s ends after the file, which lasts 12.00 s; expected a start",
    (
        14,
        15,
    ): "the segment from 14 to 15 s starts after the file, which lasts 12.00 s; expected a st",
    (
        3,
        99,
    ): "the segment from 3 to 99 s ends after the file, which lasts 12.00 s; expected a start",
    (12, ""): "the segment from 12 to the end starts after the file, which lasts 12.00 s",
}


@pytest.mark.parametrize("times", OUTSIDE)
def test_a_part_that_its_file_does_not_have(film, tmp_path, times):
    film[3] = (*film[3][:3], *times)
    found = read(tmp_path, film)
    ((where, reason),) = found.failures
    end = f",{times[1]}" if times[1] else ""
    assert where == f"{tmp_path / 'film.wav'}#t={times[0]}{end}"
    assert reason.startswith(f"t.csv, line 5: {OUTSIDE[times]}")
    assert len(found.clips) == 5, "the other parts of the file are used"


def test_an_end_may_be_left_to_the_file_and_rounded(film, tmp_path):
    film[5] = (*film[5][:3], 10, "")
    film[4] = (*film[4][:3], 8.0004, 12.05)
    assert not read(tmp_path, film).failures


def test_frames_and_their_reference_are_of_the_part(tmp_path):
    """Grey levels tell which frame a crop is of: 5 each, 25 frames a second."""
    frames = numbered_frames(45, width=64, height=64)
    write_media(tmp_path / "film.mp4", frames=frames, fps=5, options={"g": "5"})
    rows = [("film.mp4", SPEAKERS[n], emotion(n), 3 * n, 3 * n + 2) for n in range(3)]
    from dataclasses import replace

    from ravdess_exp.media.faces import Centre

    recipe = replace(RECIPE, detector=Centre(margin=0.0, share=1.0), reference="start", frames=2)
    table = tmp_path / "t.csv"
    lines = ["path,speaker,emotion,start,end", *(",".join(map(str, row)) for row in rows)]
    table.write_text("\n".join(lines))
    clips = list_table(table, selection=Selection(modality="video", channel="all")).clips
    found = prepare(
        clips,
        recipe=recipe,
        store=Store(tmp_path / "store"),
        modality="video",
        workers=1,
        max_failed=0.0,
        clip_seconds=60.0,
        progress=False,
    )
    for clip, crops in zip(found.clips, found.faces, strict=True):
        numbers = (crops.reshape(3, -1).mean(axis=1) - 20) / 5
        first = 5 * clip.segment.start
        assert numbers[0] == pytest.approx(first, abs=0.5), "the first frame of the part"
        assert (numbers >= first - 0.5).all() and (numbers <= first + 10).all()
