"""What sound and picture say alone, where a late fusion multiplies the two."""

from collections.abc import Mapping
from dataclasses import dataclass

from ravdess_exp.files import whole
from ravdess_exp.folder import BRANCH_PREDICTIONS, RunFolder
from ravdess_exp.models.late import branch_models
from ravdess_exp.scoring.predictions import Said, predict
from ravdess_exp.training.dataset import Samples
from ravdess_exp.training.learner import Trained


@dataclass(frozen=True)
class BranchPredictions:
    """Of one branch, on validation and on test clips."""

    validation: Said
    test: Said


def predict_branches(
    trained: Trained, validation: Samples, test: Samples, *, batch_size: int
) -> dict[str, BranchPredictions]:
    """By `audio` and `video`; empty of a model without late fusion of two."""
    validated = branch_models(trained.validated)
    return {
        what: BranchPredictions(
            predict(validated[what], validation, batch_size=batch_size),
            predict(model, test, batch_size=batch_size),
        )
        for what, model in branch_models(trained.model).items()
    }


def write_branches(folder: RunFolder, branches: Mapping[str, BranchPredictions]) -> None:
    """predictions_audio.csv and predictions_video.csv, laid out as predictions.csv is."""
    for what, of in branches.items():
        with whole(folder / BRANCH_PREDICTIONS[what]) as path:
            of.test.save(path)
