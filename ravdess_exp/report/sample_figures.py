"""A few clips as the model is given them: frames, waveform and audio feature by librosa's own display."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from ravdess_exp.compiled import load_librosa
from ravdess_exp.features.audio import AudioFeature
from ravdess_exp.report.figure_file import save_figure
from ravdess_exp.training.dataset import Samples

_DPI = 120
_SHOWN_SHARE = 95  # percent of a feature's values that the colours tell apart
_FEATURE_WIDTH = 4  # as wide as so many frames


def sample_clips(
    samples: Samples,
    rows: Sequence[int],
    *,
    feature: AudioFeature,
    waveforms: Sequence[np.ndarray] | None = None,
    path: Path,
) -> None:
    """Frames, waveform, audio feature and label of these rows of the samples.

    waveforms: the trimmed sound of each row, (samples,) at the feature's rate; None: not drawn.
    """
    load_librosa()
    heard = waveforms is not None and samples.audio is not None
    figure = Figure(figsize=(13, (3.6 if heard else 2.7) * len(rows)), layout="constrained")
    parts = figure.subfigures(len(rows), 1, squeeze=False)[:, 0]
    for number, (part, row) in enumerate(zip(parts, rows, strict=True)):
        clip, label = samples.clips[row], samples.label_text(row)
        part.suptitle(f"{label}  ·  actor {clip.actor}  ·  {clip.name}", fontsize=10)
        cells = _cells(part, samples, heard)
        if "picture" in cells:
            _draw_picture(cells["picture"], samples.faces[row])
        if "feature" in cells:
            _draw_feature(cells["feature"], samples.audio[row, ..., 0], feature)
        if "waveform" in cells:
            steps = samples.audio.shape[2] if samples.audio.ndim == 4 else None
            _draw_waveform(cells["waveform"], waveforms[number], feature, steps)
    save_figure(figure, path, dpi=_DPI)


def _cells(part: SubFigure, samples: Samples, heard: bool) -> dict[str, Axes]:
    """Axes by what they show: the picture on the left, the waveform over the feature on the right."""
    columns, widths = [], []
    if samples.faces is not None:
        columns.append(["picture"] * (1 + heard))
        widths.append(samples.faces.shape[1])  # a reference apart too
    if samples.audio is not None:
        columns.append(["waveform", "feature"] if heard else ["feature"])
        widths.append(_FEATURE_WIDTH)
    ratios = {"width_ratios": widths, "height_ratios": [2, 3] if heard else None}
    return part.subplot_mosaic(list(map(list, zip(*columns, strict=True))), **ratios)


def _draw_picture(axes: Axes, picture: np.ndarray) -> None:
    """(F, H, W, C) side by side; of a picture feature (F, D), a line a frame."""
    if picture.ndim == 4:
        axes.imshow(_strip(picture), cmap="gray")  # the colours of one channel
        axes.set_axis_off()
        return
    limit = float(np.percentile(np.abs(picture), _SHOWN_SHARE)) or 1.0
    axes.imshow(
        picture, aspect="auto", interpolation="nearest", cmap="RdBu_r", vmin=-limit, vmax=limit
    )
    axes.set_xlabel("picture feature")
    axes.set_ylabel("frame")
    axes.yaxis.get_major_locator().set_params(integer=True)


def _strip(faces: np.ndarray) -> np.ndarray:
    """(F, H, W, C) side by side, a white line between: one image draws several times as fast as six."""
    line = np.full((faces.shape[1], max(1, faces.shape[2] // 16), faces.shape[3]), 255, np.uint8)
    parts = [part for face in faces for part in (face, line)][:-1]
    return np.concatenate(parts, axis=1).squeeze()


def _draw_waveform(
    axes: Axes, waveform: np.ndarray, feature: AudioFeature, steps: int | None
) -> None:
    """The trimmed sound (samples,), each moment over that of the feature, which has `steps` in time."""
    from librosa.display import waveshow  # numba comes with it: only where it is needed

    rate, hop = feature.sample_rate, getattr(feature, "hop_length", None)
    start = _start(len(waveform), feature, steps) if steps and hop else 0.0
    waveshow(waveform, sr=rate, offset=start, axis="time", ax=axes, color="tab:blue")
    if steps and hop:
        axes.set_xlim(-hop / rate / 2, (steps - 0.5) * hop / rate)
    axes.set_xlabel("")
    axes.set_ylabel("waveform")


def _start(samples: int, feature: AudioFeature, steps: int) -> float:
    """Seconds from the feature's first step to the sound's start: padded in front, or cut."""
    spare = steps - (1 + samples // feature.hop_length)
    cut_at_end = spare < 0 and getattr(feature, "cut", "end") == "end"
    return 0.0 if cut_at_end else spare * feature.hop_length / feature.sample_rate


def _draw_feature(axes: Axes, values: np.ndarray, feature: AudioFeature) -> None:
    """(N, M): an image over time, whose 0 s is where the padding starts; (N,): bars, in one patch."""
    if values.ndim == 1:
        axes.stairs(values, np.arange(len(values) + 1) - 0.5, fill=True)
        axes.set_xlabel(feature.rows)
        axes.set_ylabel("standardised")
        return
    from librosa.display import specshow

    mel = feature.rows == "mel band"
    if mel:
        values = values[: feature.n_mels]  # of deltas, in the same image, Hz would make no sense
    # one row, such as the level, may be far from the others: the colours are for the others
    limit = float(np.percentile(np.abs(values), _SHOWN_SHARE)) or 1.0
    hop = getattr(feature, "hop_length", None)  # a network in a file does not say its own
    over_time = {"x_axis": "time", "sr": feature.sample_rate, "hop_length": hop} if hop else {}
    bands = {"y_axis": "mel", "y_coords": _centres(len(values), feature)} if mel else {}
    colours = {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit}
    image = specshow(values, ax=axes, **over_time, **bands, **colours)
    axes.set_xlabel(f"{'seconds' if hop else 'steps'}, after padding in front")
    if not mel:
        axes.set_yticks(range(0, len(values), max(1, len(values) // 6)))
    axes.set_ylabel("Hz" if mel else feature.rows)
    axes.figure.colorbar(image, ax=axes, label="standardised", extend="both")


def _centres(bands: int, feature: AudioFeature) -> np.ndarray:
    """(bands,) Hz: the middle of each mel band; librosa's display alone would take the edges."""
    import librosa

    highest = feature.fmax or feature.sample_rate / 2
    return librosa.mel_frequencies(bands + 2, fmin=feature.fmin, fmax=highest)[1:-1]
