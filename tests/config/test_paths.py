"""Any folder a person has, as a value on the command line."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from ravdess_exp.config.compose import check
from ravdess_exp.config.paths import as_meant
from ravdess_exp.config.schema import Config
from ravdess_exp.config.schema.base import Section
from ravdess_exp.errors import ConfigError, CorpusError
from ravdess_exp.places import kind_of, read_override
from tests.helpers.names import NAMES, pasted


@pytest.fixture(autouse=True)
def _in(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def read(word: str, *, multirun: bool = False) -> object:
    """The value that arrives behind Hydra and OmegaConf."""
    (meant,) = as_meant([word], multirun=multirun)
    value = read_override(meant).value()
    return OmegaConf.to_container(OmegaConf.create({"value": value}), resolve=True)["value"]


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_that_is_there_needs_no_quotes(tmp_path, name):
    (tmp_path / name).mkdir()
    for place in (name, str(tmp_path / name), f"./{name}"):
        for key in ("data.root", "data.store", "+audio.features.x.file", "hydra.run.dir"):
            found = Path(read(f"{key}={place}"))
            assert found.is_dir() and found.samefile(tmp_path / name)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("~", "...")])
def test_a_folder_that_is_not_there_is_told_in_one_line_with_a_spelling_that_works(name):
    """Where Hydra can read it; then the check says that it is not there."""
    word = f"data.root=/nowhere/{name}"
    try:
        (meant,) = as_meant([word], multirun=False)
    except ConfigError as error:
        said = str(error)
        assert not re.search(r"[\0-\x1f]", said) and said.startswith("data.root=/nowhere/")
        line = said.rsplit(" written " if " written " in said else "write it as ")[-1]
        advised = pasted([f"printf %s {line}"], "sh").decode()
        if name.endswith("\r"):
            assert advised == f"data.root=/nowhere/{name.rstrip()}"
        else:
            assert read(advised) == word.partition("=")[2]
    else:
        assert read_override(meant) is not None


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example("\\\n")  # to a pattern, `$` is before a last end of line too
@given(st.text("ab1é中 '\"\\[]{}()=,#~$&;!?%@:^`|<>*+-.\r\n\t", min_size=1, max_size=10))
def test_any_name_at_all(tmp_path, name):
    folder = tmp_path / "all" / name
    if name in (".", ".."):
        return
    folder.mkdir(parents=True, exist_ok=True)
    assert Path(read(f"data.root={folder}")).samefile(folder)


def test_what_hydra_reads_as_the_text_stays_as_it_was_typed(tmp_path):
    """Searches and runs of before are known by the words of their command."""
    (tmp_path / "a b").mkdir()
    words = [
        "data.root=a b",
        "data.root=a%b",
        'data.store="x y"',
        "seed=1",
        "split.test=[1,2]",
        "~x",
    ]
    words += ["visual.weights=null", "face.model=null", "data.root=${oc.env:HOME}/x", "x", "-m"]
    assert as_meant(words, multirun=True) == words


def test_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "clips").mkdir()
    for word in ("data.root=~/clips", 'data.root="~/clips"', "hydra.run.dir=~/new"):
        assert read(word) == str(tmp_path / word.rpartition("/")[2].strip('"'))
    (config,) = check(as_meant(["data=ravdess", "data.root=~/clips"], multirun=False))
    assert config.data.root == str(tmp_path / "clips")
    with pytest.raises(ConfigError, match="no such file or folder"):
        read("data.root=~nobody/x")


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("hydra.run.dir=josé & co", "josé & co"),
        ("hydra.sweep.dir=./a=b", "./a=b"),
        ("data.store=数据", "数据"),
        ("tracking.uri=sqlite:///josé.db", "sqlite:///josé.db"),
        ("hydra.sweeper.storage=sqlite:///a=b.db", "sqlite:///a=b.db"),
    ],
)
def test_a_place_that_is_to_be_made_needs_no_quotes_either(word, value):
    assert read(word) == value


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("name=josé", """write it as 'name="josé"'"""),
        ("tracking.experiment=a#b", """write it as 'tracking.experiment="a#b"'"""),
        ("seed=3\r", "seed=3\\r: ends with an end of line, .* write it as seed=3$"),
        ("split.test=[1,2", "a bracket, brace or quote is closed where it was opened"),
        ("da#ta=x", "expected KEY=VALUE with a dotted key"),
        ("=x", "=x: expected KEY=VALUE"),
        ("data.root=/\udcff", "data.root=/.udcff: a name that is not UTF-8"),
        ("hydra.run.dir=out/${name}/é", """write it as 'hydra.run.dir="out/\\${name}/é"'"""),
        ("data.root=/no/a,b", """no such file or folder; .* add -m; .* 'data.root="/no/a,b"'"""),
        (
            "hydra.searchpath=[nö]",
            """no folder nö; in a shell, write it as 'hydra.searchpath=\\["nö"\\]'""",
        ),
        ("hydra.searchpath=[no]", "no folder no$"),
    ],
)
def test_what_names_nothing_is_one_line_with_its_key(word, said):
    with pytest.raises(ConfigError, match=said.replace("\\r:", "\\\\r:")) as error:
        as_meant([word], multirun=False)
    assert "hydra.cc" not in str(error.value) and not re.search(r"[\0-\x1f]", str(error.value))


def test_commas_are_several_folders_in_a_multirun_and_part_of_a_name_elsewhere(tmp_path):
    for name in ("a", "b", "é", "a,b"):
        (tmp_path / name).mkdir()
    assert read("data.root=a,b") == "a,b"
    assert as_meant(["data.root=b,a"], multirun=True) == ["data.root=b,a"]
    assert as_meant(["data.root=a,é"], multirun=True) == ['data.root=a,"é"']
    with pytest.raises(
        ConfigError, match="there is a folder of this name, and .* each of a, b"
    ) as error:
        as_meant(["data.root=a,b"], multirun=True)
    each, one = (shlex.split(f"'{part}")[0] for part in str(error.value).split(" '")[1:])
    assert as_meant([each, one], multirun=True) == [each, one]
    roots = [config.data.root for config in check(["data=ravdess", each], multirun=True)]
    assert roots == ["a", "b"] and read(one) == "a,b"


def test_a_number_that_is_no_folder_is_told_as_one():
    with pytest.raises(CorpusError, match="data.root=2024: no such folder"):
        check(as_meant(["data=ravdess", "data.root=2024"], multirun=False))
    with pytest.raises(ConfigError, match="data.root="):
        check(["data=ravdess", "data.root="])


@pytest.fixture
def own_yaml(tmp_path):
    """A user's folder of YAML files, with an experiment and a group of its own."""
    folder = tmp_path / "josé, his conf"
    (folder / "experiment").mkdir(parents=True)
    text = "# @package _global_\ndefaults:\n  - override /split: loso\nseed: 5\nname: mine\n"
    (folder / "experiment" / "mine.yaml").write_text(text)
    return folder


def test_a_users_own_experiment(own_yaml):
    by_option = check(["experiment=mine"], config_dir=own_yaml.name)
    word = as_meant([f"hydra.searchpath=[{own_yaml.name}]", "experiment=mine"], multirun=False)
    also = as_meant([f"hydra.searchpath={own_yaml}", "experiment=mine"], multirun=False)
    for config in (*by_option, *check(word), *check(also)):
        assert (config.seed, config.name, config.split.fold_key) == (5, "mine", "test_actor")
    with pytest.raises(ConfigError, match="experiment=mime: expected one of .*majority, mine"):
        check(["experiment=mime"], config_dir=str(own_yaml))
    with pytest.raises(ConfigError, match="--config-dir elsewhere: no such folder"):
        check([], config_dir="elsewhere")


def test_a_users_own_first_file(own_yaml):
    (own_yaml / "first.yaml").write_text("defaults:\n  - config\n  - _self_\nseed: 7\n")
    (config,) = check(["training.epochs=3"], config_dir=str(own_yaml), config_name="first")
    assert (config.seed, config.training.epochs) == (7, 3)
    with pytest.raises(ConfigError, match="seee: unknown key"):
        check(["seee=3"], config_dir=str(own_yaml), config_name="first")


def test_every_place_of_the_schema_is_read_as_one():
    """Places are marked by their type in the schema, and by their key where no schema is at hand."""
    found = dict(places(Config, ""))
    assert {"data.root", "data.store", "face.model", "visual.weights", "audio.file"} <= set(found)
    assert all(kind_of(key) for key in found), found


def places(section: type, prefix: str) -> Iterator[tuple[str, bool]]:
    """Dotted keys below a section whose values are marked as places."""
    for name, field in section.model_fields.items():
        key = f"{prefix}{field.alias or name}"
        marks = str(field.metadata) + str(field.annotation)
        if "at_home" in marks:
            yield key, True
        for option in sections(field.annotation):
            yield from places(option, f"{key}.")


def sections(annotation: object) -> list[type]:
    """The sections in an annotation, also in unions, lists and dictionaries."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return [annotation]
    return [found for part in get_args(annotation) for found in sections(part)]


def test_a_folder_that_hydra_cannot_write_into_is_refused_at_once(tmp_path, monkeypatch):
    (tmp_path / "${x}").mkdir()
    for words in (["hydra.run.dir=${x}"], ["hydra.sweep.dir=${x}"]):
        with pytest.raises(ConfigError, match=r"hydra\.\w+\.dir=\$\{x\}: Hydra cannot write"):
            check(as_meant(words, multirun=False))
    monkeypatch.chdir("${x}")
    with pytest.raises(ConfigError, match="the working folder=.*: Hydra cannot write"):
        check([])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"seed: 5\n", "experiment: expected # @package _global_ as the first line"),
        (
            b"# @package _global_\nseed: : 5\n",
            "broken.yaml, line 2: mapping values are not allowed",
        ),
        (
            b"# @package _global_\nseed: 1\nseed: 2\n",
            "broken.yaml, line 3: found duplicate key seed",
        ),
        (b"# @package _global_\nname: jos\xe9\n", "broken.yaml: is not UTF-8"),
        (b"# @package _global_\nseeed: 2\n", "seeed: unknown key"),
        (
            b"# @package _global_\ndefaults:\n  - override /audio: nope\n",
            "audio=nope: expected one of",
        ),
        (b"- a\n", "experiment: expected # @package"),
    ],
)
def test_a_users_own_experiment_with_a_mistake_is_one_line(own_yaml, content, said):
    (own_yaml / "experiment" / "broken.yaml").write_bytes(content)
    with pytest.raises(ConfigError, match=said) as error:
        check(["experiment=broken"], config_dir=str(own_yaml))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["“clips é”", "‘clips é’", '"clips é', "clips é'", "«clips é»"])
def test_quotes_of_a_word_processor_and_open_ones(tmp_path, text):
    (tmp_path / "clips é").mkdir()
    with pytest.raises(ConfigError, match="one without these quotes.*'data.root=\"clips é\"'$"):
        as_meant([f"data.root={text}"], multirun=False)


def test_several_values_where_one_is_expected():
    with pytest.raises(
        ConfigError, match=r"seed=1,2: expected one value; .* add -m, .*'seed=\[1,2\]'"
    ):
        as_meant(["seed=1,2"], multirun=False)
    assert as_meant(["seed=1,2"], multirun=True) == ["seed=1,2"]
