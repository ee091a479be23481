"""The table of subcommands: a first word on the command line that is no override."""

import difflib
from collections.abc import Sequence
from importlib import import_module

from ravdess_exp.cli.exit_codes import exit_code
from ravdess_exp.errors import ConfigError

COMMANDS = {  # name: what the help page says of it; `ravdess_exp.cli.NAME` has its main()
    "predict": "emotions of any video or sound file, by a trained model",
    "explain": "what a trained model went by in one file: face, sound, inputs",
    "page": "a local page in the browser: drop recordings, or use camera and microphone",
    "report": "what a run or a study found, as one HTML file; several are compared",
    "export": "a trained network as ONNX or TFLite, with the recipe of its inputs",
    "compare": "is one run or study better than another? Paired over speakers",
    "score": "the predictions of any model, with the statistics that ours get",
    "ui": "MLflow's page, opened on the runs",
    "sync": "send to MLflow what its server did not get",
    "download": "fetch RAVDESS's clips from Zenodo",
    "table": "make a table of your own clips from the names of their files, for data=table",
}


def run_command(name: str, arguments: Sequence[str]) -> int:
    """Run a subcommand; returns its exit code, with errors as one line on standard error."""
    return exit_code(lambda: act(name, arguments))


def act(name: str, arguments: Sequence[str]) -> int:
    """The same, with errors raised."""
    return import_module(f"ravdess_exp.cli.{name}").main(list(arguments))


def command_list() -> str:
    """The subcommands as lines of the help page."""
    return "\n".join(f"  ravdess-exp {name:9} {summary}" for name, summary in COMMANDS.items())


def refuse_unknown_words(words: Sequence[str]) -> None:
    """Raise `ConfigError` for the first word that is neither a subcommand nor an override.

    An override has an equals sign, or begins with `~`, which takes a key away.
    """
    for word in words:
        if "=" in word or word.startswith("~"):
            continue
        if word in COMMANDS:
            raise ConfigError(f"{word}: a subcommand must be the first word")
        close = difflib.get_close_matches(word, [*COMMANDS, "--help", "--version"], n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        raise ConfigError(
            f"{word}: neither an override KEY=VALUE nor a subcommand, expected one of "
            f"{', '.join(COMMANDS)}{hint}"
        )
