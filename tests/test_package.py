"""What the package asks of the system and of other packages, and what it does when imported."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import ravdess_exp

ROOT = Path(__file__).parents[1]
SOURCES = sorted(Path(ravdess_exp.__file__).parent.rglob("*.py"))

IMPORT_ALL = """
import importlib, pkgutil, sys
import psutil  # its part for Linux needs `resource`, and the one for Windows does not
sys.modules["fcntl"] = sys.modules["resource"] = None  # as on Windows
import ravdess_exp
for module in pkgutil.walk_packages(ravdess_exp.__path__, "ravdess_exp."):
    importlib.import_module(module.name)
from ravdess_exp.run.memory import memory_used
now, peak = memory_used()
assert 0 < now <= peak, (now, peak)
print("all imported")
"""

LOOK_FOR_WORK = """
import os, pkgutil, sys
import tensorflow as tf
environment, asked = dict(os.environ), []
tf.config.list_physical_devices = lambda *kind: asked.append(kind) or []
import ravdess_exp.run.experiment, ravdess_exp.run.provenance
assert not asked, "devices are listed at import"
assert "GIT_PYTHON_REFRESH" not in os.environ, "the environment is changed at import"
"""


def in_a_fresh_process(code: str) -> subprocess.CompletedProcess:
    environment = {k: v for k, v in os.environ.items() if k != "GIT_PYTHON_REFRESH"}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.mark.slow
def test_every_module_is_imported_where_fcntl_and_resource_are_missing():
    done = in_a_fresh_process(IMPORT_ALL)
    assert done.returncode == 0 and done.stdout.endswith("all imported\n"), done.stderr


@pytest.mark.slow
def test_nothing_is_done_at_import():
    done = in_a_fresh_process(LOOK_FOR_WORK)
    assert done.returncode == 0, done.stderr


def imported_packages() -> dict[str, Path]:
    """Top-level names that the package imports, outside the standard library, with one such file."""
    names = {}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found = [node.module]
            else:
                continue
            names |= {name.split(".")[0]: path for name in found}
    return {n: p for n, p in names.items() if n not in sys.stdlib_module_names | {"ravdess_exp"}}


def declared_packages() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    requirements = [*project["dependencies"], *(r for e in extras for r in extras[e] if e != "dev")]
    return {normalised(re.match(r"[\w.-]+", requirement)[0]) for requirement in requirements}


def normalised(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def test_every_package_that_is_imported_is_declared():
    """A package that only comes with another one may be gone with that one's next version."""
    brings = metadata.packages_distributions()
    brings = {"opensmile": ["opensmile"], "dlib": ["dlib-bin"]} | brings  # extras
    brings["keras"] = ["tensorflow"]  # TensorFlow 2.21 is held to its major version and needs it
    undeclared = {
        name: str(path)
        for name, path in imported_packages().items()
        if not {normalised(d) for d in brings.get(name, ())} & declared_packages()
    }
    assert not undeclared


def test_every_package_that_is_declared_is_pinned():
    pinned = re.findall(r"^([\w.-]+)(?:\[.*\])?==", (ROOT / "requirements.txt").read_text(), re.M)
    assert declared_packages() <= {normalised(name) for name in pinned}
