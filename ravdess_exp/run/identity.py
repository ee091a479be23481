"""What makes a run this run and no other: settings, versions and the contents of its clips."""

import hashlib
from collections.abc import Mapping
from importlib.metadata import version

from ravdess_exp import __version__
from ravdess_exp.corpus.split import SETS, Split
from ravdess_exp.run.build import Experiment

_TRAINED_BY = ("tensorflow", "keras", "numpy")  # packages that the learned weights depend on


def training_facts(experiment: Experiment, precision: str) -> dict[str, object]:
    """Every setting and version that the learned weights may depend on."""
    versions = {name: version(name) for name in _TRAINED_BY} | {"ravdess_exp": __version__}
    return {
        **experiment.identity,
        **{f"version of {name}": number for name, number in versions.items()},
        "the precision": precision,
    }


def preparation_facts(experiment: Experiment) -> dict[str, object]:
    """All that the prepared arrays depend on apart from the clips, versions of libraries included."""
    return experiment.recipe.settings()


def fingerprints(split: Split, contents: Mapping[str, str]) -> dict[str, str]:
    """SHA-256 by set over the names and the bytes of its clips, whatever their order.

    contents: SHA-256 of each clip's file by clip name.
    """
    return {
        name: hashlib.sha256(
            "\n".join(sorted(f"{c.name} {contents[c.name]}" for c in getattr(split, name))).encode()
        ).hexdigest()
        for name in SETS
    }
