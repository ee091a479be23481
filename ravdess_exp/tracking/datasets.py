"""Which clips a run used: fingerprints of its sets, and how MLflow keeps them."""

import hashlib
import json
from collections.abc import Mapping

from mlflow.entities import Dataset, DatasetInput, InputTag

from ravdess_exp.corpus.split import SETS, Split

_CONTEXTS = dict(zip(SETS, ("training", "validation", "testing"), strict=True))
_LONGEST_DIGEST = 36  # characters that MLflow keeps


def fingerprints(split: Split, contents: Mapping[str, str]) -> dict[str, str]:
    """SHA-256 by set over the names and the bytes of its clips, whatever their order.

    contents: digest of each clip's file by clip name.
    """
    return {
        name: hashlib.sha256(
            "\n".join(sorted(f"{c.name} {contents[c.name]}" for c in getattr(split, name))).encode()
        ).hexdigest()
        for name in SETS
    }


def dataset_inputs(name: str, source: str, digests: Mapping[str, str]) -> list[DatasetInput]:
    """The sets as MLflow's datasets. digests: `fingerprints`."""
    place = json.dumps({"uri": source})
    return [
        DatasetInput(
            Dataset(name, digest[:_LONGEST_DIGEST], "local", place),
            [InputTag("mlflow.data.context", _CONTEXTS[of_set])],
        )
        for of_set, digest in digests.items()
    ]
