"""An explanation as one picture: faces, sound, bands, inputs and probabilities.

Red speaks for the class, blue against it; the stronger, the more.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ravdess_exp.command import shown
from ravdess_exp.explain.explanation import Explanation
from ravdess_exp.report.explanation_text import INPUTS, METHODS

_COLOURS = "RdBu_r"
_FOR, _AGAINST = "#b2182b", "#2166ac"  # the ends of that map
_STRONGEST = 0.75  # opacity where it counts most
_FAINT = 0.5  # of the paler half of the map, which would look grey on a face
_SHADE = 0.55  # opacity behind the waveform
_POINTS = 1500  # of a waveform that is drawn
_PER_ROW = 6  # crops
_NAME = 60  # characters of a file's name


def explanation_figure(of: Explanation) -> Figure:
    """Crops under the heat map, waveform over shaded stretches, bands, inputs and probabilities."""
    rows = [name for name, there in (("faces", of.heat), ("sound", of.times)) if there is not None]
    crops = 0 if of.heat is None else -(-len(of.heat) // _PER_ROW)
    heights = {"faces": 1.75 * crops, "sound": 1.5}
    sizes = [*(heights[row] for row in rows), 2.3]
    figure = Figure(figsize=(10, sum(sizes) + 0.9), layout="constrained")
    figure.suptitle(_title(of), fontsize=12)
    parts = figure.subfigures(len(sizes), 1, height_ratios=sizes, squeeze=False)[:, 0]
    for row, part in zip(rows, parts, strict=False):
        if row == "faces":
            _draw_faces(part, of)
        else:
            _draw_sound(part.subplots(), of)
    _draw_bars(parts[-1], of)
    return figure


def _title(of: Explanation) -> str:
    name = shown(of.prediction.place.rsplit("/", 1)[-1])
    name = name if len(name) <= _NAME else f"{name[:_NAME]}…"
    return (
        f"What counted for “{of.explained}” ({of.probability:.0%}) in {name}\n"
        "red: spoke for it   ·   blue: spoke against it   ·   no colour: made no difference"
    )


def _draw_faces(part, of: Explanation) -> None:
    how = METHODS[of.methods["face"]]
    part.suptitle(f"Face, by {how}; below each frame what hiding it costs", fontsize=9)
    rows = -(-len(of.heat) // _PER_ROW)
    axes = part.subplots(rows, min(_PER_ROW, len(of.heat)), squeeze=False).ravel()
    limit = float(np.abs(of.heat).max()) or 1.0
    for number, ax in enumerate(axes):
        ax.set_xticks([])
        ax.set_yticks([])
        if number >= len(of.heat):
            ax.set_axis_off()
            continue
        ax.imshow(_overlaid(of.crops[number], of.heat[number] / limit))
        importance = of.frame_importance[number]
        ax.set_xlabel(f"frame {number + 1}: {importance:+.2f}", fontsize=8, color=_side(importance))


def _overlaid(crop: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """(S, S, C) uint8 in grey, under (h, w) in [-1, 1] in colours as opaque as they are strong."""
    from matplotlib import colormaps

    side = crop.shape[0]
    smooth = cv2.resize(heat.astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
    smooth = np.clip(smooth, -1, 1)
    grey = np.repeat(crop.mean(axis=-1, keepdims=True) / 255, 3, axis=-1)
    away = _FAINT + (1 - _FAINT) * np.abs(smooth)
    colours = colormaps[_COLOURS](0.5 + np.sign(smooth) * away / 2)[..., :3]
    opaque = _STRONGEST * np.abs(smooth)[..., None]
    return (1 - opaque) * grey + opaque * colours


def _draw_sound(axes: Axes, of: Explanation) -> None:
    limit = float(np.abs(of.time_importance).max()) or 1.0
    for (start, end), importance in zip(of.times, of.time_importance, strict=True):
        strength = abs(importance) / limit
        axes.axvspan(start, end, color=_side(importance), alpha=_SHADE * strength, lw=0)
    seconds = of.times[0, 0] + np.arange(len(of.waveform)) / of.rate
    step = max(1, len(of.waveform) // _POINTS)
    count = len(of.waveform) // step
    blocks = of.waveform[: count * step].reshape(count, step)
    axes.fill_between(
        seconds[: count * step : step], blocks.min(axis=1), blocks.max(axis=1),
        color="0.15", lw=0.3,
    )  # fmt: skip
    axes.set_xlim(of.times[0, 0], of.times[-1, 1])
    axes.set_yticks([])
    axes.set_xlabel("seconds of the file", fontsize=8)
    axes.set_title("Sound: what hiding each stretch costs", fontsize=9)
    axes.tick_params(labelsize=8)


def _draw_bars(part, of: Explanation) -> None:
    there = {"bands": of.bands is not None, "inputs": len(of.shares) > 1}
    names = [name for name, is_there in there.items() if is_there]
    axes = dict(
        zip([*names, "classes"], part.subplots(1, len(names) + 1, squeeze=False)[0], strict=True)
    )
    if "bands" in axes:
        labels = [f"{low:,.0f}–{high:,.0f}" for low, high in of.bands]
        _bars(axes["bands"], labels, of.band_importance)
        axes["bands"].set_title("Bands of the sound (Hz): what hiding costs", fontsize=9)
    if "inputs" in axes:
        labels = [f"{INPUTS[what]}\n{share:.0%}" for what, share in of.shares.items()]
        _bars(axes["inputs"], labels, list(of.evidence.values()))
        axes["inputs"].set_title("How much each input decided", fontsize=9)
    made = of.prediction
    colours = [_FOR if name == of.explained else "0.6" for name in made.classes]
    axes["classes"].barh(range(len(made.classes)), made.probabilities, color=colours)
    _label(axes["classes"], list(made.classes))
    axes["classes"].set_xlim(0, 1)
    axes["classes"].set_title("Probabilities", fontsize=9)


def _bars(axes: Axes, labels: Sequence[str], values: Sequence[float]) -> None:
    colours = [_side(value) for value in values]
    axes.barh(range(len(labels)), values, height=min(0.8, len(labels) / 6), color=colours)
    axes.axvline(0, color="0.3", lw=0.8)
    _label(axes, labels)
    axes.set_xlabel("evidence", fontsize=8)
    axes.xaxis.set_major_locator(MaxNLocator(4))


def _label(axes: Axes, labels: Sequence[str]) -> None:
    axes.set_yticks(range(len(labels)), labels, fontsize=8)
    axes.tick_params(axis="x", labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)


def _side(importance: float) -> str:
    return _FOR if importance > 0 else _AGAINST if importance < 0 else "0.4"
