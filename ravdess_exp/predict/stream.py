"""A file of any length, or a camera, window by window: a time line of predictions."""

from collections.abc import Iterator
from pathlib import Path

from ravdess_exp.errors import ClipError
from ravdess_exp.media.camera import Camera
from ravdess_exp.media.container import length
from ravdess_exp.predict.clip import File, Predictor
from ravdess_exp.predict.prediction import Prediction
from ravdess_exp.predict.windows import require_windows, windows


def predict_windows(
    predictor: Predictor, file: File, *, seconds: float, step: float | None = None
) -> Iterator[Prediction]:
    """One prediction a window of `seconds`, each beginning `step` after the one before.

    step: half a window where it is None. A window that is silent or shows no face has its reason.
    Only one window is in memory at a time. Raises `ConfigError` for lengths that cannot be.
    """
    step = seconds / 2 if step is None else step
    require_windows(seconds, step)  # and then as the model's clips were limited
    require_windows(seconds, step, predictor.bundle.recipe.longest)
    try:
        whole = length(file if isinstance(file, bytes) else Path(file))
    except (ClipError, OSError):
        yield predictor.predict_file(file)  # which says what is wrong with it
        return
    for segment in windows(whole, seconds=seconds, step=step):
        yield predictor.predict_file(file, segment=segment)


def predict_camera(predictor: Predictor, camera: Camera, *, name: str) -> Iterator[Prediction]:
    """One prediction a window, of picture alone, until a video in a camera's place ends.

    A window follows the one before; where the model takes longer than one, the newest is next, and
    what came meanwhile is left out.
    """
    recipe, after = predictor.bundle.recipe, 0.0
    while found := camera.window(after, frames=recipe.frames, start_apart=recipe.starts_apart):
        window, frames = found
        yield predictor.predict_frames(frames, name=name, window=window)
        after = window[1]
