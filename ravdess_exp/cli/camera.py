"""`ravdess-exp predict RUN --camera 0`: what a model sees in a camera's picture, without a browser."""

from pathlib import Path
from typing import TYPE_CHECKING

from ravdess_exp.errors import ConfigError, DecodeError
from ravdess_exp.predict.prediction import Prediction
from ravdess_exp.report.predictions import PredictionTable

if TYPE_CHECKING:
    from ravdess_exp.media.camera import Camera
    from ravdess_exp.predict.clip import Predictor

_SOUND = "picture only, since OpenCV records no sound: `ravdess-exp page RUN --live` hears, too"


def open_camera(source: int | Path, seconds: float) -> "Camera":
    """The camera, before a model is loaded; raises `ConfigError` where there is none."""
    from ravdess_exp.media.camera import Camera

    try:
        return Camera(source, seconds=seconds)
    except DecodeError as error:
        raise ConfigError(f"--camera: {error}") from error


def show_camera(
    predictor: "Predictor", camera: "Camera", seconds: float, done: list[Prediction]
) -> None:
    """A line a window, until Ctrl-C or the end of a video in its place; each goes into `done`.

    Raises `ConfigError` for a model that needs sound.
    """
    from ravdess_exp.predict.stream import predict_camera

    bundle = predictor.bundle
    if bundle.modality == "audio" or (
        bundle.modality == "both" and not bundle.facts.missing_inputs
    ):
        raise ConfigError(
            "--camera gives picture only, and this model needs sound: `ravdess-exp page RUN --live` "
            "records both; a model of fusion=late or augment=modality_dropout can do without"
        )
    print(f"{_SOUND}; Ctrl-C ends it")
    name, thresholds = camera.name, bundle.facts.sure is not None
    table = PredictionTable(bundle.classes, [name], seconds, thresholds=thresholds)
    print(table.header(), flush=True)
    try:
        with camera:
            for prediction in predict_camera(predictor, camera, name=name):
                print(table.row(prediction), flush=True)
                done.append(prediction)
    except DecodeError as error:
        raise ConfigError(f"--camera: {error}") from error
    except KeyboardInterrupt:
        print("ended")
