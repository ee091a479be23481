"""A study in a folder by an awkward name, and the commands that it leaves, pasted in another one."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from ravdess_exp.command import command_line
from tests.helpers.studies import overrides

TREE = Path(__file__).parents[2]


def paste(line: str, cwd: Path) -> subprocess.CompletedProcess:
    """A line in a shell that finds `ravdess-exp`, as that of an activated environment does."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(TREE)}
    return subprocess.run(
        ["bash", "-c", line], cwd=cwd, env=environment, capture_output=True, text=True, timeout=420
    )


@pytest.mark.slow
def test_a_study_among_relative_places_and_its_commands_elsewhere(corpus, store_root, tmp_path):
    """With YAML of the user's, and `hydra.job.chdir`, which moves nothing."""
    here, there = tmp_path / "josé & co's", tmp_path / "elsewhere"
    (here / "yaml, mine" / "experiment").mkdir(parents=True)
    there.mkdir()
    mine = "# @package _global_\ndefaults: [loso, _self_]\nfolds: [1, 2]\ndata: {store: prepared}\n"
    (here / "yaml, mine" / "experiment" / "mine.yaml").write_text(mine)
    (here / "clips").symlink_to(corpus)
    told = overrides(corpus, store_root, ())
    own = ("experiment=", "data.root=", "data.store=", "tracking.uri=")
    kept = [word for word in told if not word.startswith(own)]
    words = ["--config-dir", "yaml, mine", "experiment=mine", "data.root=clips", *kept]
    words.append("hydra.job.chdir=true")
    first = paste(command_line("ravdess-exp", *words, "tracking.uri=sqlite:///runs.db"), here)
    assert first.returncode == 0, first.stdout + first.stderr
    assert {path.name for path in here.iterdir()} == {
        "yaml, mine", "clips", "prepared", "runs.db", "runs.db.lock", "mlartifacts", "study",
    }  # fmt: skip

    shutil.rmtree(here / "study" / "bundle")
    asked = paste("ravdess-exp predict study x.wav", here)
    done = paste(asked.stderr.split("defaults of today: ")[1].strip(), there)
    assert done.returncode == 0 and "2 of 2 runs are there already" in done.stdout, done.stderr
    assert (here / "study" / "bundle" / "bundle.json").is_file() and list(there.iterdir()) == []

    command = json.loads((here / "study" / "summary.json").read_text())["command"]
    data = yaml.safe_load(paste(f"{command} --cfg job", there).stdout)["data"]
    assert (data["root"], data["store"]) == (f"{here}/clips", f"{here}/prepared")
    assert f"ui --uri 'sqlite:///{here}/runs.db'".replace("co's", """co'"'"'s""") in first.stdout
