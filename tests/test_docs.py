"""The documentation: every command in it is one, its Python works, and the site needs nothing else."""

import io
import re
import shutil
import subprocess
import sys
import tomllib
import types
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import ravdess_exp
from ravdess_exp.cli.commands import COMMANDS
from ravdess_exp.config.compose import check
from ravdess_exp.config.paths import as_meant
from ravdess_exp.errors import ConfigError
from ravdess_exp.features.audio import AudioFeature
from tests.helpers.quoted import PAGES, ROOT, Quoted, commands, python_blocks

STANDS_FOR = {  # words of a page that its text defines
    "D": ("data=ravdess", "data.root=/data/RAVDESS"),
    "R": ("data=ravdess", "data.root=/data/RAVDESS", "split.train=[1]", "split.validation=[2]",
          "split.test=[3]"),
    "S": ("modality=audio", "audio=egemaps", "audio_encoder=dense", "fusion=concat",
          "training=early_stopping"),
    "...": (),
}  # fmt: skip
PAGES_OUTSIDE = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
FLAGS = ("-m", "--multirun")
MISTAKE = "audio.n_mfc=13"
ANSWERED = ("--help", "--version", "--cfg", "--info")  # before or beside the overrides


@pytest.fixture(scope="module")
def places(tmp_path_factory) -> dict[str, str]:
    """Values of settings that name places, which must exist before anything starts."""
    folder = tmp_path_factory.mktemp("clips")
    table = folder / "mine.csv"
    rows = [f"{speaker}-{i}.wav,{speaker},{emotion}\n" for speaker in "abc"
            for i, emotion in enumerate(("calm", "angry"))]  # fmt: skip
    table.write_text("path,speaker,emotion\n" + "".join(rows))
    found = {"root": str(folder), "table": str(table)}
    return {f"data.{at}{key}": place for at in ("", "test.") for key, place in found.items()}


def _placed(word: str, places: dict[str, str]) -> str:
    """The places of corpora beside others, in the keys of `data.test` or within a list."""
    if not word.startswith(("data.test", "data.corpora")):
        return word
    word = word.replace("/data/RAVDESS", places["data.root"])
    return re.sub(r"\w+\.csv", lambda _: places["data.table"], word)


def meant(words: Sequence[str], places: dict[str, str]) -> list[str]:
    """The words with what they stand for, with places that are there, and of a range the ends."""
    words = [part for word in words for part in STANDS_FOR.get(word, (word,))]
    keys = [word.partition("=")[0] for word in words]
    told = [
        f"{key}={places[key]}" if key in places and "=" in word else _placed(word, places)
        for key, word in zip(keys, words, strict=True)
    ]
    roots, tables = (rf"\g<1>{places[key]}" for key in ("data.root", "data.table"))
    told = [re.sub(r"(root: )[^,}]+", roots, word) for word in told]  # in lists of corpora
    told = [re.sub(r"(table: )[^,}]+", tables, word) for word in told]
    told = [re.sub(r"range\((\d+),\d+\)", r"\1,1", word) for word in told]
    return [word for word in told if not word.endswith("=...")]


def test_there_are_commands_to_look_at():
    quoted = commands("ravdess-exp")
    assert len(quoted) > 100 and {"README.md", "docs/using.md"} <= {one.page for one in quoted}


def is_subcommand(quoted: Quoted) -> bool:
    """Its first word is a subcommand's name and more follows: a name alone is no command."""
    return len(quoted.words) > 2 and quoted.words[1] in COMMANDS


def refusal_of(name: str, arguments: list[str]) -> str | None:
    """What the subcommand's own parser says against the arguments; None where it takes them."""
    module = import_module(f"ravdess_exp.cli.{name}")
    said = io.StringIO()
    try:
        with redirect_stderr(said), redirect_stdout(said):
            if hasattr(module, "_parser"):
                module._parser().parse_args(arguments)
            else:
                module._options(arguments)
    except SystemExit as end:
        return said.getvalue() if end.code else None
    return None


def test_every_quoted_subcommand_is_taken():
    """By its own parser, which stops before anything is done."""
    refused = {}
    for quoted in filter(is_subcommand, commands("ravdess-exp")):
        before = zip(quoted.words[1:], quoted.words[2:], strict=False)
        told = [word for last, word in before if word != "..." or last.startswith("--")]
        arguments = [word.strip("[]") for word in told]  # what may be left out is taken too
        if refusal := refusal_of(quoted.words[1], arguments):
            refused[str(quoted)] = refusal
    assert not refused


def test_a_wrong_option_would_be_seen():
    assert "--widows" in refusal_of("predict", ["RUN", "clip.mp4", "--widows", "4"])


@pytest.mark.slow
def test_every_quoted_run_is_valid(places):
    """Every override, with each value of a sweep, as before a run."""
    asked: dict[tuple, Quoted] = {}
    for quoted in commands("ravdess-exp"):
        words = quoted.words[1:]
        if (words and words[0] in COMMANDS) or set(words) & {*ANSWERED, "--config-dir"}:
            continue
        multirun = bool(set(words) & set(FLAGS))
        told = meant([word for word in words if word not in FLAGS], places)
        asked.setdefault((multirun, tuple(told)), quoted)
    refused = []
    for (multirun, words), quoted in asked.items():
        try:
            check(as_meant(words, multirun=multirun), multirun=multirun)
        except ConfigError as error:
            refused.append(f"{quoted}\n  {error}")
    expected = [one for one in refused if MISTAKE in one]
    assert refused == expected and len(expected) == 1, "\n".join(refused)
    assert len(asked) > 50


def test_the_mistake_that_is_shown_is_answered_as_shown():
    """The text of the README is what a user reads."""
    said = re.search(
        rf"\$ ravdess-exp {MISTAKE}\n +error: (.*)", ROOT.joinpath("README.md").read_text()
    )
    with pytest.raises(ConfigError) as error:
        check([MISTAKE])
    assert str(error.value) == said[1]


def test_every_program_of_ours_that_is_quoted_is_there():
    """Targets of make, scripts with their options, files and folders of tests."""
    targets = set(re.findall(r"^([\w-]+):", ROOT.joinpath("Makefile").read_text(), re.MULTILINE))
    asked = {w for q in commands("make") for w in q.words[1:] if re.fullmatch(r"[a-z-]+", w)}
    assert asked <= targets and {"demo", "test", "docs"} <= asked
    for quoted in commands("python", "scripts/fetch_weights.py"):
        for script in (word for word in quoted.words if word.startswith("scripts/")):
            text = ROOT.joinpath(script).read_text()
            options = [word.partition("=")[0] for word in quoted.words if word.startswith("--")]
            assert all(option in text for option in options), str(quoted)


def test_the_table_of_groups_has_every_option_and_every_extra():
    """docs/choices.md: what is added under conf/ is named there."""
    page = ROOT.joinpath("docs", "choices.md").read_text(encoding="utf-8")
    rows = dict(
        re.findall(r"^\| `([\w/]+)` \| (.*) \|$", page.split("## Audio features")[0], re.MULTILINE)
    )
    for group in (folder for folder in ROOT.joinpath("conf").iterdir() if folder.name != "hydra"):
        if group.is_dir():
            options = {path.stem for path in group.glob("*.yaml")}
            named = set(re.findall(r"`(\w+)`", rows[group.name]))
            assert options <= named, f"{group.name}: {options - named}"
    project = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text())["project"]
    (told,) = re.findall(r"`ravdess_exp\[(.*?)\]`", page)
    assert set(told.split(",")) == set(project["optional-dependencies"]) - {"dev"}


def test_every_test_that_a_page_names_is_there():
    """A reader is to be able to repeat what docs/reliability.md says."""
    for page in PAGES:
        for name in re.findall(r"[\w/]*\btest_\w+\.py", page.read_text(encoding="utf-8")):
            inside = name.removeprefix("tests/")
            assert list(ROOT.joinpath("tests").glob(inside)), f"{page.name}: {name}"


def test_the_readme_is_a_page_and_a_half():
    """What is longer has a page in docs/."""
    assert len(ROOT.joinpath("README.md").read_text().splitlines()) < 120


def test_the_python_that_is_quoted_is_of_the_interface():
    """Every name of the package that a page uses is there; all of it can be compiled."""
    blocks = [block for page in PAGES for block in python_blocks(page.relative_to(ROOT).as_posix())]
    for block in blocks:
        compile(block, "page", "exec")
        for name in re.findall(r"ravdess_exp\.(\w+)\(", block):
            assert callable(getattr(ravdess_exp, name))
    assert len(blocks) > 4


def test_the_parts_that_are_shown_keep_the_contracts():
    """The feature and the poolings of docs/parts.md, as they stand there."""
    made: dict = {"__name__": "parts"}
    sys.modules["parts"] = types.ModuleType("parts")  # a dataclass looks its module up
    for block in python_blocks("docs/parts.md"):
        exec(compile(block, "parts", "exec"), made)  # noqa: S102 - our own page
    chroma = made["Chroma"](sample_rate=16_000, hop_length=256, standardise="train")
    tone = np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000).astype(np.float32)
    found = chroma(tone)
    assert isinstance(chroma, AudioFeature) and found.shape == (24,)
    assert found[:12].argmax() == 9  # A, counted from C
    features = np.arange(24, dtype=np.float32).reshape(1, 4, 6)
    for name in ("last_less_first", "range_pooling"):
        np.testing.assert_array_equal(made[name](features), np.full((1, 6), 18.0))


def test_a_folder_of_own_yaml_works_as_shown(tmp_path):
    """The recipe of docs/parts.md, by the command of docs/parts.md."""
    text = ROOT.joinpath("docs/parts.md").read_text()
    path, recipe = re.search(r"```yaml\n# (mine/\S+)\n(.*?)```", text, re.DOTALL).groups()
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(recipe)
    (quoted,) = (q for q in commands("ravdess-exp") if "--config-dir" in q.words)
    _, option, folder, *overrides = quoted.words
    (config,) = check(overrides, config_dir=str(tmp_path / folder))
    assert option == "--config-dir" and (config.name, config.training.epochs) == ("quick", 5)


def built(source: Path, site: Path) -> subprocess.CompletedProcess:
    """The site as `make docs` builds it, elsewhere."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    return subprocess.run(command, cwd=source, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = built(ROOT, folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.slow
def test_the_site_has_the_pages_that_one_looks_for_and_fetches_nothing(site):
    """Neither a script nor a font, a style or a picture comes from another place."""
    wanted = ("index", "first_run", "tour", "corpora", "parts", "studies", "cluster", "using",
              "numbers", "house")  # fmt: skip
    for name in wanted:
        assert len((site / f"{name}.html").read_text()) > 5_000, name
    tags = "script|link|img|iframe|source|video|audio"
    loads = re.compile(rf'<(?:{tags})\b[^>]*?(?:src|href)="?([^"> ]+)')
    for path in site.rglob("*.html"):
        away = [at for at in loads.findall(path.read_text()) if re.match(r"(https?:)?//", at)]
        assert not away, f"{path.name}: {away}"
    for path in site.rglob("*.css"):
        text = re.sub("['\" ]", "", path.read_text())
        assert not re.search(r"(@import|url\()(https?:)?//", text), path.name


@pytest.mark.slow
@pytest.mark.parametrize("link", ["nowhere.md", "studies.md#nowhere"])
def test_a_link_that_leads_nowhere_ends_the_build(tmp_path, link):
    for name in ("docs", "scripts/docs_pages.py", "mkdocs.yml", *PAGES_OUTSIDE):
        target = tmp_path / name
        target.parent.mkdir(exist_ok=True)
        (shutil.copytree if ROOT.joinpath(name).is_dir() else shutil.copy)(ROOT / name, target)
    with (tmp_path / "docs" / "using.md").open("a") as page:
        page.write(f"\n[away]({link})\n")
    done = built(tmp_path, tmp_path / "site")
    assert done.returncode != 0 and "nowhere" in done.stderr
