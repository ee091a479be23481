"""Where a training stands, on disk after each epoch, so that one that was killed goes on.

A checkpoint is one .npz file without pickle: arrays, and a header in JSON. The CRC that the format
has for each array tells a damaged one, and the one before it is kept for that case. Keras's own
`BackupAndRestore` keeps weights and the epoch alone: early stopping would forget the best epoch,
and a kill while it writes, which it does in place, would lose all.
"""

import json
import logging
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import ops

from ravdess_exp.errors import ConfigError
from ravdess_exp.files import whole

log = logging.getLogger(__name__)

VERSION_OF = "version of "  # how the name of a fact begins that is a package's version
_KEPT = 2  # the newest, and one to fall back on


@dataclass(frozen=True)
class Checkpoint:
    """A training after an epoch, counted from 1. state: all that is no array, in JSON's types."""

    epoch: int
    arrays: dict[str, np.ndarray]
    state: dict


class Checkpoints:
    """Those of one run. What it is a run of, the facts, is kept with them and must agree."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._facts: dict = {}
        self._found, self._made_with = self._newest()

    def agree(self, facts: Mapping[str, object]) -> bool:
        """Whether there is one to go on with. Raises `ConfigError` where a fact of it differs.

        One that another version began is removed.
        """
        here = json.loads(json.dumps(dict(facts)))  # as it will be read again
        self._facts |= here
        if self._found is None:
            return False
        others = [key for key in here if self._made_with.get(key) != here[key]]
        by_another = any(key.startswith(VERSION_OF) for key in others)
        for key in others:
            known = key in self._made_with or not by_another  # a later setting is nobody's choice
            if known and not key.startswith(VERSION_OF):
                raise ConfigError(
                    f"{self.folder.parent} holds a training with {key}={self._made_with.get(key)}, "
                    f"and now {key}={here[key]} is asked for; choose another folder (hydra.run.dir, "
                    "or hydra.sweep.dir of a study), or begin anew with training.resume=false"
                )
        if others:
            self._begin_anew([key for key in others if key.startswith(VERSION_OF)])
        return not others

    def _begin_anew(self, versions: list[str]) -> None:
        """Leave a training that another version began: its numbers would be of no version."""
        named = ", ".join(
            f"{key.removeprefix(VERSION_OF)} {self._made_with.get(key, 'unknown')}"
            for key in versions
        )
        log.warning("%s: a training begun by %s begins anew", self.folder.parent, named)
        self.remove()

    def take(self) -> Checkpoint | None:
        """The one to go on with, once: its memory is the caller's."""
        checkpoint, self._found = self._found, None
        return checkpoint

    def save(self, checkpoint: Checkpoint) -> None:
        """Keep it, and the one before it. Raises `OutputError` where the disk does not take it."""
        header = {"epoch": checkpoint.epoch, "state": checkpoint.state, "facts": self._facts}
        header["arrays"] = sorted(checkpoint.arrays)  # a damaged directory may lack one
        with whole(self.folder / f"epoch_{checkpoint.epoch:05d}.npz") as path:
            np.savez(path, header=np.array(json.dumps(header)), **checkpoint.arrays)
        for older in self._files()[:-_KEPT]:
            older.unlink()

    def of_stage(self, name: str) -> "Checkpoints":
        """Those of a further training of the same run, in a folder below; the same facts must agree."""
        stage = Checkpoints(self.folder / name)
        stage.agree(self._facts)
        return stage

    def remove(self) -> None:
        """All of them, when the run is finished or is to begin anew."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._found = None

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("epoch_*.npz"))

    def _newest(self) -> tuple[Checkpoint | None, dict]:
        for path in reversed(self._files()):
            try:
                with np.load(path, allow_pickle=False) as file:
                    arrays = {name: file[name] for name in file.files}
                header = json.loads(str(arrays.pop("header")))
                if sorted(arrays) != header["arrays"]:
                    raise ValueError("arrays are missing")
                return Checkpoint(header["epoch"], arrays, header["state"]), header["facts"]
            except Exception as error:  # zipfile alone has seven kinds for a damaged file
                log.warning(
                    "WARNING: %s is damaged (%s: %s); training goes on from an earlier epoch",
                    *(path, type(error).__name__, error),
                )
                path.unlink()
        return None, {}


class Keeper(keras.callbacks.Callback):
    """Keeps where a training stands after each epoch, and puts it back at the start.

    It comes last, when the other callbacks have begun, or have had their say about the epoch. What
    it keeps: weights and seeds of all layers, the optimiser with its step, `rows` (metrics by
    epoch), and what the `choosers` remember: whatever looks at validation, or swaps weights for it.
    """

    _REMEMBERED = (
        "wait", "best", "best_epoch", "stopped_epoch", "cooldown_counter", "_ema_weights_in_model",
    )  # fmt: skip

    def __init__(self, checkpoints: Checkpoints, rows: list[dict], choosers: list) -> None:
        super().__init__()
        self._checkpoints = checkpoints
        self._rows = rows
        self._choosers = choosers
        self._found = checkpoints.take()
        state = self._found.state if self._found else {"rows": [], "seconds": 0.0}
        self.earlier_rows: list[dict[str, float]] = state["rows"]
        self.earlier_seconds: float = state["seconds"]

    def first_epoch(self, epochs: int) -> int:
        """Epochs that are done already; all of them where the training had stopped by itself."""
        if self._found is None:
            return 0
        return epochs if self._found.state["stopped"] else self._found.epoch

    def on_train_begin(self, logs=None):
        self._started = time.perf_counter()
        if self._found is None:
            return
        log.info("training goes on after epoch %d, from its checkpoint", self._found.epoch)
        self.model.optimizer.build(self.model.trainable_variables)
        for name, variable in self._variables():
            variable.assign(self._found.arrays[name])
        for chooser in self._with_weights():
            best = [self._found.arrays[f"best_{n}"] for n in range(len(self.model.weights))]
            chooser.best_weights = best
        for chooser, remembered in zip(self._choosers, self._found.state["choosers"], strict=True):
            vars(chooser).update(remembered)
        self._found = None

    def on_epoch_end(self, epoch, logs=None):
        arrays = {name: ops.convert_to_numpy(variable) for name, variable in self._variables()}
        for chooser in self._with_weights():
            arrays |= {f"best_{n}": a for n, a in enumerate(chooser.best_weights)}
        state = {
            "rows": self._rows,
            "choosers": [
                {name: vars(chooser)[name] for name in self._REMEMBERED if name in vars(chooser)}
                for chooser in self._choosers
            ],
            "stopped": self.model.stop_training,
            "seconds": self.earlier_seconds + time.perf_counter() - self._started,
        }
        self._checkpoints.save(Checkpoint(epoch + 1, arrays, state))

    def _with_weights(self) -> list:
        """The chooser that remembers the weights of the best epoch, if there is one."""
        return [chooser for chooser in self._choosers if hasattr(chooser, "best_weights")]

    def _variables(self) -> Iterator[tuple[str, keras.Variable]]:
        for kind, of in (("model", self.model), ("optimizer", self.model.optimizer)):
            yield from ((f"{kind}_{n}", variable) for n, variable in enumerate(of.variables))
