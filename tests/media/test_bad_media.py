"""Broken media by the hundred: each ends in a named error or a valid sample, and nothing else."""

import json
import re
import subprocess
import sys
from collections import defaultdict

import pytest

VALID = ""
MIB_PER_WORKER = 1000  # measured: 250 with libraries alone, 670 over a picture of 4096 x 4096
TYPICAL = {  # of kinds whose files have one ending: what it must be
    "no media": "not a readable media file|no (sound|picture) in the file",
    "odd picture": f"^{VALID}$",
    "too large": r"picture of \d+ x \d+, at most 4096 a side",
    "declared size": rf"^{VALID}$|at most 4096 a side",
    "another size": "the picture changes its size within the clip",
    "other codec": f"^{VALID}$",
    "with a cover": f"^{VALID}$",
    "sound NaN": "samples that are not numbers",
    "sound infinite": "samples that are not numbers",
    "sound huge": "the loudest sample is .*e\\+30 times full scale",
    "odd sound": f"^{VALID}$",
    "silent": "silent: the loudest sample is",
    "absurd rate": r"sound of \d+ samples a second|not a readable media file",
    "no sound": "no sound in the file",
    "no picture": "no picture in the file",
    "empty stream": "no picture in the file|the sound stream is empty|is not silence|silent",
    "one frame": "the picture lasts from 0.00 to 0.00 s, the speech from",
    "too short": "only 0.0. s of it is not silence|the picture lasts from 0.00",
    "longer sound": f"^{VALID}$",
    "longer picture": f"^{VALID}$",
    "ten minutes": "longer than 60 s, the most that one clip may last",
    "no file": r"cannot be read \((not a regular|No such|Too many levels|1,099,511,627,776 bytes)",
}
DAMAGE = (  # of kinds that are damaged at random: any of these
    f"^{VALID}$|not a readable media file|no (sound|picture) in the file|stream is empty"
    "|cut off: |cannot be decoded|is damaged|times full scale|silent: |is not silence"
    "|in a format that FFmpeg does not know|longer than 60 s|samples a second|a side"
    r"|the picture (lasts|changes)|not numbers|^OSError: \[Errno 12\] "
)
DAMAGED = ("cut", "header flipped", "payload flipped", "absurd field")


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> dict:
    """What became of each case. Two processes, since a child's peak memory counts its parent's."""
    folder = tmp_path_factory.mktemp("broken")
    for step in ("write", "prepare"):
        command = [sys.executable, "-m", "tests.helpers.broken_media", step, str(folder)]
        subprocess.run(command, check=True, timeout=300)
    kinds = json.loads((folder / "kinds.json").read_text())
    found = json.loads((folder / "outcomes.json").read_text())
    by_kind = defaultdict(list)
    for name, kind in kinds.items():
        by_kind[kind].append(found["reasons"][name])
    return {"by_kind": by_kind, "peak_mib": found["peak_mib"]}


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*TYPICAL, *DAMAGED])
def test_it_ends_in_a_named_error_or_a_valid_sample(outcomes, kind):
    expected = TYPICAL.get(kind, DAMAGE)
    assert outcomes["by_kind"][kind], "no case of this kind"
    assert [r for r in outcomes["by_kind"][kind] if not re.search(expected, r)] == []


@pytest.mark.slow
def test_all_cases_are_there_and_no_process_died_or_hung(outcomes):
    reasons = [reason for kind in outcomes["by_kind"].values() for reason in kind]
    assert len(reasons) >= 500 and set(outcomes["by_kind"]) == {*TYPICAL, *DAMAGED}
    assert [r for r in reasons if r.startswith(("its process", "took longer"))] == []
    assert len(set(reasons)) > 30, "the damage reaches many places"


@pytest.mark.slow
def test_no_worker_needs_much_memory(outcomes):
    assert outcomes["peak_mib"] < MIB_PER_WORKER
