"""Pictures within a page: drawn, and written as data into the page itself."""

import base64
import io
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ravdess_exp.report.figure_file import save_figure
from ravdess_exp.report.wrong_clips import WrongClip
from ravdess_exp.scoring.calibration import BINS, Reliability

_DPI = 100
_WINDOW, _HOP = 0.025, 0.010  # seconds of a spectrogram's windows
_SCORES = ("uar", "ccc")  # of classes or of numbers, as a history has them
_CURVES = {"": ("tab:blue", "training"), "val_": ("tab:orange", "validation")}
_FLOOR = 70  # dB under the loudest that are still shown


def as_data(figure: Figure, *, dpi: int = _DPI) -> str:
    """A figure as the address of an <img>."""
    content = io.BytesIO()
    save_figure(figure, content, dpi=dpi)
    return "data:image/png;base64," + base64.b64encode(content.getvalue()).decode()


def reliability(found: Reliability) -> str:
    """Accuracy over confidence; the size of a point says how many clips it is of."""
    figure = Figure(figsize=(5, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="dimgray", ls="--", label="right as often as it says")
    filled = [i for i, count in enumerate(found.counts) if count]
    counts = np.array([found.counts[i] for i in filled])
    axes.scatter(
        [found.confidence[i] for i in filled],
        [found.accuracy[i] for i in filled],
        s=20 + 180 * counts / counts.max(),
        color="tab:blue",
        label=f"clips in {BINS} bins, larger: more clips",
    )
    axes.set(xlim=(0, 1), ylim=(-0.02, 1.02), ylabel="share that is right")
    axes.set_xlabel("probability of the class that is named")
    axes.legend(fontsize=8)
    axes.grid(alpha=0.3)
    return as_data(figure)


def curves(histories: Sequence[pd.DataFrame]) -> str | None:
    """UAR or CCC by epoch on training and validation, a line a run; None of a model without epochs."""
    known = [of for of in histories if len(of) > 1 and "epoch" in of and set(_SCORES) & set(of)]
    if not known:
        return None
    score = next(name for name in _SCORES if name in known[0])
    figure = Figure(figsize=(6, 3.6), layout="constrained")
    axes = figure.subplots()
    for before, (colour, title) in _CURVES.items():
        column, label = f"{before}{score}", title
        for history in known:
            if column in history:
                width = 1.5 if len(known) == 1 else 0.7
                axes.plot(history["epoch"], history[column], color=colour, lw=width, label=label)
                label = None
    axes.set(ylim=(0, 1.02), xlabel="epoch", ylabel=score.upper())
    axes.legend(fontsize=8)
    axes.grid(alpha=0.3)
    return as_data(figure)


def wrong_clip(one: WrongClip) -> str | None:
    """Its crops in a row, over the spectrogram of its sound; None where it has neither."""
    rows = [what for what in ("seen", "heard") if getattr(one, what) is not None]
    if not rows:
        return None
    figure = Figure(figsize=(7, 1.3 * len(rows) + 0.4), layout="constrained")
    for what, axes in zip(rows, np.atleast_1d(figure.subplots(len(rows), 1)), strict=True):
        if what == "seen":
            axes.imshow(np.concatenate(list(one.seen), axis=1), cmap="gray")
            axes.set_axis_off()
        else:
            _spectrogram(axes, one.heard, one.rate)
    return as_data(figure)


def _spectrogram(axes, waveform: np.ndarray, rate: int) -> None:
    size, hop = int(_WINDOW * rate), int(_HOP * rate)
    padded = np.pad(waveform, (0, max(0, size - len(waveform))))
    windows = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop] * np.hanning(size)
    power = np.abs(np.fft.rfft(windows, axis=1)).T ** 2
    level = 10 * np.log10(np.maximum(power, 1e-12))
    extent = (0, len(waveform) / rate, 0, rate / 2000)
    axes.imshow(
        level, origin="lower", aspect="auto", extent=extent, cmap="magma",
        vmin=level.max() - _FLOOR, vmax=level.max(),
    )  # fmt: skip
    axes.set_xlabel("seconds", fontsize=8)
    axes.set_ylabel("kHz", fontsize=8)
    axes.tick_params(labelsize=7)
