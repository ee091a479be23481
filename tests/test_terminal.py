"""What a person sees."""

import os

import pytest

from ravdess_exp.terminal import progress_bar, quiet_stderr


def test_chatter_of_c_libraries_is_held_back(capfd):
    with quiet_stderr():
        os.write(2, b"6 lines about CUDA\n")
    os.write(2, b"a warning afterwards\n")
    assert capfd.readouterr().err == "a warning afterwards\n"


def test_it_is_shown_when_the_start_fails(capfd):
    with pytest.raises(ImportError), quiet_stderr():
        os.write(2, b"libcuda is broken\n")
        raise ImportError
    assert "libcuda is broken" in capfd.readouterr().err


def test_progress_yields_every_item_and_writes_few_lines_into_a_log(capfd):
    items = list(progress_bar(iter(range(500)), total=500, label="preparing", shown=True))
    assert items == list(range(500))
    said = capfd.readouterr().err
    assert "preparing: 100%" in said and said.count("\r") < 5
    list(progress_bar(iter(range(5)), total=5, label="preparing", shown=False))
    assert capfd.readouterr().err == ""
