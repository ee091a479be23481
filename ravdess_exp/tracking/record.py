"""tracking.json in a run's folder: all that a later synchronisation needs beside the results."""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from ravdess_exp.errors import TrackingError
from ravdess_exp.files import whole

log = logging.getLogger(__name__)

RECORD = "tracking.json"


@dataclass
class Record:
    """What MLflow gets of a run's settings.

    datasets: `name`, `source` and `digests` by set, once the clips are known; run_id: of the run in
    MLflow, once it was begun there.
    """

    params: dict[str, str]
    tags: dict[str, str]
    datasets: dict | None = None
    run_id: str | None = None

    @classmethod
    def read(cls, folder: Path) -> "Record":
        """The record of this folder; raises `TrackingError` where it is missing or damaged."""
        path = folder / RECORD
        try:
            content = json.loads(path.read_text())
            return cls(**{name: content.get(name) for name in cls.__dataclass_fields__})
        except FileNotFoundError as error:
            raise TrackingError(
                f"{folder}: no {RECORD} in it, so it is not the folder of a run"
            ) from error
        except (OSError, ValueError, AttributeError) as error:
            raise TrackingError(
                f"{path}: damaged ({error}), so the run's settings are lost"
            ) from error

    def save(self, folder: Path) -> None:
        """Write it; raises `OutputError` where the disk does not take it."""
        content = {name: value for name, value in asdict(self).items() if value is not None}
        with whole(folder / RECORD) as path:
            path.write_text(json.dumps(content, indent=1))


def earlier_run(folder: Path) -> str | None:
    """Id of the run in MLflow that the folder's record names; None, with a warning if it is damaged."""
    if not (folder / RECORD).exists():
        return None
    try:
        return Record.read(folder).run_id
    except TrackingError as error:
        log.warning("WARNING: %s; this is tracked as a new run", error)
        return None


def new_record(params: Mapping, tags: Mapping[str, str], run_id: str | None) -> Record:
    """A record of parameters of any type, as MLflow keeps them: as text."""
    return Record({key: str(value) for key, value in params.items()}, dict(tags), run_id=run_id)
