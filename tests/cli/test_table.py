"""`ravdess-exp table`: shown before it is written, and read by data=table."""

from ravdess_exp.cli.commands import run_command
from ravdess_exp.cli.table import main
from ravdess_exp.corpus.selection import Selection
from ravdess_exp.corpus.table import list_table

PATTERN = "{speaker}_{statement}_{emotion}_{level}.wav"


def clips(folder):
    folder.mkdir()
    for speaker in ("1001", "1002", "1003"):
        for emotion in ("ANG", "SAD"):
            (folder / f"{speaker}_DFA_{emotion}_XX.wav").touch()
    (folder / "readme.txt").touch()
    return folder


def test_a_table_is_shown_written_and_read(tmp_path, capsys):
    folder = clips(tmp_path / "my clips")
    assert main([str(folder), "--pattern", PATTERN, "--yes"]) == 0
    told = capsys.readouterr().out
    assert "1001_DFA_ANG_XX.wav  1001     DFA        ANG      XX" in told
    assert (
        "emotion: 2 different: ANG, SAD" in told
        and "level: 1 different: XX  (kept, not used)" in told
    )
    assert "no row of 1 files with other names, such as readme.txt" in told
    assert told.index("1001_DFA") < told.index("written: ") and "data.table=" in told
    manifest = list_table(
        folder / "table.csv", selection=Selection(modality="audio", channel="all")
    )
    assert len(manifest.clips) == 6 and {c.statement for c in manifest.clips} == {"DFA"}


def test_a_table_elsewhere_finds_the_clips_and_nothing_is_overwritten(tmp_path, capsys):
    folder, output = clips(tmp_path / "clips"), tmp_path / "t.csv"
    arguments = [str(folder), "--pattern", PATTERN, "--output", str(output)]
    assert main(arguments) == 0
    manifest = list_table(output, selection=Selection(modality="audio"))
    assert manifest.clips[0].path == folder / "1001_DFA_ANG_XX.wav"
    assert run_command("table", arguments) == 2
    assert "is there already; --overwrite replaces it" in capsys.readouterr().err
    assert main([*arguments, "--overwrite"]) == 0
