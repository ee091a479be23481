"""What a model computes in: float32, or bfloat16 where the machine does that in hardware."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import keras
import tensorflow as tf

log = logging.getLogger(__name__)

Precision = Literal["float32", "bfloat16"]

_CPUINFO = Path("/proc/cpuinfo")
_INSTRUCTIONS = ("amx_bf16", "avx512_bf16")  # of x86; what they are called in /proc/cpuinfo
_CAPABILITY = (8, 0)  # of NVIDIA's GPUs: the first that multiply bfloat16


def native_bfloat16() -> str | None:
    """What multiplies bfloat16 here, a GPU or an instruction; None where it would be emulated."""
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
        able = all(of.get("compute_capability", (0, 0)) >= _CAPABILITY for of in details)
        return details[0].get("device_name", "GPU") if able else None
    lines = _CPUINFO.read_text().splitlines() if _CPUINFO.exists() else []
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    return next((name for name in _INSTRUCTIONS if name in flags), None)


def choose_precision(asked: Literal["float32", "bfloat16", "auto"]) -> Precision:
    """The precision to compute in, with a line in the log: `auto` is bfloat16 where hardware has it."""
    if asked == "float32":
        return "float32"
    by = native_bfloat16()
    if by:
        log.info("precision: bfloat16, by %s\n", by)
        return "bfloat16"
    if asked == "auto":
        log.info("precision: float32, as this machine has no bfloat16 in hardware\n")
        return "float32"
    log.warning(
        "training.precision=bfloat16: this machine emulates it, at ten times the cost of float32 or "
        "more; training.precision=auto takes it only where it is quick\n"
    )
    return "bfloat16"


@contextmanager
def computing_in(precision: Precision) -> Iterator[None]:
    """Layers that are made in here compute in it; their weights are float32 either way."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16" if precision == "bfloat16" else "float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
