"""Where the files of wrong clips are: by name below the corpus's folder, or as a table says."""

import hashlib
from types import SimpleNamespace

import pandas as pd
import pytest

from ravdess_exp.report.wrong_clips import _files


@pytest.fixture
def finished(tmp_path):
    """A result whose clips had these names and bytes."""
    names = {"day 1/a.wav": b"a", "b.wav": b"b", "film.wav#t=0,2": b"film"}
    for name, content in names.items():
        path = tmp_path / name.partition("#")[0]
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in names.items()}
    digests["film.wav#t=0,2"] = "of a part"
    table = pd.DataFrame({"clip": list(digests), "sha256": list(digests.values())})

    def made(**settings) -> SimpleNamespace:
        found = SimpleNamespace(settings={f"data.{key}": str(v) for key, v in settings.items()})
        return SimpleNamespace(findings=found, splits=lambda: [table])

    return made


@pytest.mark.parametrize("key", ["root", "table"])
def test_a_table_names_them_by_where_they_are(finished, tmp_path, key):
    place = tmp_path if key == "root" else tmp_path / "mine.csv"
    wanted = {"day 1/a.wav", "b.wav", "film.wav#t=0,2", "gone.wav"}
    found = _files(finished(**{key: place}), wanted)
    assert found == {name: tmp_path / name for name in ("day 1/a.wav", "b.wav")}
    (tmp_path / "b.wav").write_bytes(b"other bytes")
    assert set(_files(finished(**{key: place}), wanted)) == {"day 1/a.wav"}


def test_without_a_folder_none_is_looked_for(finished, tmp_path, monkeypatch):
    """Not in the folder that the command happens to be started in."""
    monkeypatch.chdir(tmp_path)
    assert _files(finished(), {"b.wav"}) == {}
