"""The house: which room may use which, who takes a configuration, how large a module gets."""

import ast
import re
import statistics
from pathlib import Path

import pytest

import ravdess_exp

ROOT = Path(ravdess_exp.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
ROOMS = (  # a module imports from its own room and from those before it
    "errors", "command", "terminal", "compiled", "files", "folder", "places", "again", "stores",
    "corpus", "media", "features", "prepare", "models", "config", "training", "scoring", "predict",
    "explain", "export", "report", "tracking", "page", "run", "study", "cli",
)  # fmt: skip
TAKE_A_CONFIG = ("config", "run", "study", "cli", "__main__")
NAME_RAVDESS = {  # outside `corpus.ravdess` and `corpus.demo`, which is drawn in its form; and why
    "cli.commands": "the command that fetches it",
    "cli.download": "the command that fetches it",
    "config.compose": "help names the options; the folder of data=ravdess is looked for at once",
    "config.ravdess": "what data=ravdess and data=demo cannot be asked for",
    "config.schema.corpora": "the options data=ravdess and data=demo",
    "corpus.emotions": "names of emotions, calm among them",
    "corpus.known": "where the facts of each corpus are looked up",
    "corpus.manifest": "its names of before there were other corpora",
    "features.encoders.facts": "encoders that were trained on it",
    "report.cautions": "encoders that were trained on it",
    "run.clips": "builds the corpus that an option of data names",
    "scoring.comparison": "encoders that were trained on it",
}


def room_of(module: str) -> str:
    """`ravdess_exp.media.decode` -> `media`."""
    return module.split(".")[1] if "." in module else "__init__"


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> set[str]:
    """Modules of ours that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            below = ROOT.parent.joinpath(*node.module.split("."))
            parts = {a.name for a in node.names if (below / a.name).is_dir()}
            parts |= {a.name for a in node.names if (below / f"{a.name}.py").exists()}
            found |= {f"{node.module}.{part}" for part in parts} or {node.module}
    return {name for name in found if name.startswith("ravdess_exp.")}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_from_the_rooms_below_it(path):
    own = room_of(name_of(path))
    if own in ("__init__", "__main__"):
        return
    for used in imports(path):
        assert room_of(used) in ROOMS, f"{used}: in no room that this test knows"
        assert ROOMS.index(room_of(used)) <= ROOMS.index(own), f"{name_of(path)} imports {used}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_the_upper_rooms_take_a_configuration(path):
    """What takes plain arguments can be used, and tested, without Hydra."""
    if room_of(name_of(path)) not in TAKE_A_CONFIG:
        assert not {name for name in imports(path) if name.startswith("ravdess_exp.config")}


def test_no_module_is_two_rooms():
    lines = {name_of(path): len(path.read_text().splitlines()) for path in MODULES}
    assert not {name: count for name, count in lines.items() if count > 250}
    assert statistics.median(lines.values()) < 120


@pytest.mark.parametrize("name", ["metrics.json", "summary.json", "failure.txt", "split.csv"])
def test_a_file_of_a_run_is_named_once(name):
    """As a value of the code; messages and docstrings may speak of it."""
    places = [
        name_of(path)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value == name
    ]
    assert places == ["ravdess_exp.folder"]


def test_whoever_loads_a_model_knows_every_layer():
    """A layer is registered when its module is imported; a fresh process imports what loading does."""
    path_of = {name_of(path): path for path in MODULES}
    known, new = set(), {"ravdess_exp.models.fusion"}
    while new:
        known |= new
        new = {used for name in new for used in imports(path_of[name])} - known
    own = {n for n, p in path_of.items() if n.startswith("ravdess_exp.models.")}
    layers = {name for name in own if "register_keras_serializable" in path_of[name].read_text()}
    assert layers <= known


def named_in(path: Path) -> list[str]:
    """What a module says of RAVDESS in values and imports; docstrings and our own name do not count."""
    tree = ast.parse(path.read_text())
    bodies = [n.body for n in ast.walk(tree) if hasattr(n, "body") and isinstance(n.body, list)]
    docs = {id(b[0].value) for b in bodies if b and isinstance(b[0], ast.Expr)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found += [node.module] * bool(
                re.match(r"ravdess_exp\.corpus\.ravdess", node.module or "")
            )
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
        ):
            text = re.sub(
                "(encoder|encoder/)? ?saw[_ ]ravdess", "", node.value, flags=re.IGNORECASE
            )
            text = re.sub("ravdess[-_](exp|weights|page)", "", text, flags=re.IGNORECASE)
            found += re.findall(r"ravdess|\bcalm\b|\bkids\b|01-0\d-", text, flags=re.IGNORECASE)
    return found


def test_ravdess_is_named_where_it_must_be_and_nowhere_else():
    """Any corpus is as good: nothing beyond its own room goes by its names, codes or numbers."""
    own = ("ravdess_exp.corpus.ravdess", "ravdess_exp.corpus.demo")
    naming = {
        name.removeprefix("ravdess_exp.")
        for name, path in ((name_of(path), path) for path in MODULES)
        if not name.startswith(own) and named_in(path)
    }
    allowed = set(NAME_RAVDESS)
    assert not naming - allowed, "leave it out, or say why it must name RAVDESS"
    assert not allowed - naming, "names it no more: take it off the list"
