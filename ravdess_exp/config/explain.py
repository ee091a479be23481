"""What pydantic finds wrong with a configuration, in a line that names the key."""

from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel
from yaml import MarkedYAMLError, YAMLError

from ravdess_exp.config.schema import Config

_PACKAGE = "# @package _global_"  # Hydra's: whose keys the file's are


def explain_yaml(error: YAMLError | UnicodeDecodeError, folders: Iterable[Path]) -> str:
    """A file of YAML that cannot be read, in a line. folders: where it may be."""
    if isinstance(error, MarkedYAMLError) and error.problem_mark:
        mark = error.problem_mark
        return f"{mark.name}, line {mark.line + 1}: {error.problem}"
    if isinstance(error, UnicodeDecodeError):
        files = (file for folder in folders for file in sorted(folder.rglob("*.yaml")))
        named = [str(file) for file in files if error.object in file.read_bytes()]
        return f"{named[0] if named else 'a file of YAML'}: is not UTF-8; save it as such"
    return f"a file of YAML cannot be read: {' '.join(str(error).split())}"


def explain(error: dict, plain: dict) -> str:
    """One finding of pydantic as `key=value: what was expected`."""
    path = _real_path(error["loc"], plain)
    key, value = ".".join(map(str, path)), error["input"]
    context = error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            if key == "experiment":
                return (
                    f"experiment: expected {_PACKAGE} as the first line of its file, and keys in it"
                )
            known = ", ".join(sorted(_keys_beside(path)))
            return f"{key}: unknown key" + (f", expected one of {known}" if known else "")
        case "literal_error":
            return f"{key}={value}: expected one of {context['expected']}"
        case "union_tag_invalid":
            tag = context["discriminator"].split(" | ")[-1].strip("'")
            return f"{key}.{tag}={context['tag']}: expected one of {context['expected_tags']}"
        case "missing":
            return f"{key}: missing"
    message = error["msg"].removeprefix("Input should be ")
    return f"{key}={value}: expected {message}"


def _real_path(loc: tuple, plain: dict) -> list:
    """Pydantic puts the tag of a union into the path; keep what is really a key."""
    path, node, tagged = [], plain, None
    for i, part in enumerate(loc):
        is_tag = isinstance(node, dict) and node.get("source") == part and tagged is not node
        if is_tag:  # which may be the name of a key too, as `table` is
            tagged = node
            continue
        if isinstance(node, dict) and part not in node and i < len(loc) - 1:
            continue
        if not isinstance(node, dict | list):
            break  # an alternative of a union, such as `int`
        path.append(part)
        node = node.get(part) if isinstance(node, dict) else node[part]
    return path


def _keys_beside(path: list) -> list[str]:
    """The keys of the section that the last part of the path is wrongly in."""
    models: list = [Config]
    for part in path[:-1]:
        fields = [m.model_fields[part].annotation for m in models if part in m.model_fields]
        models = [m for f in fields for m in (getattr(f, "__args__", None) or [f])]
        models = [m for m in models if isinstance(m, type) and issubclass(m, BaseModel)]
    return sorted({f.alias or name for m in models for name, f in m.model_fields.items()})
