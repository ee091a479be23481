"""A run on frozen encoders, as users meet it: trained, kept, and used where the files are gone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ravdess_exp.features.encoders import SAW_RAVDESS
from ravdess_exp.features.encoders.layers import layer_of
from ravdess_exp.predict.bundle import Bundle
from ravdess_exp.run.experiment import run
from tests.helpers.encoder_files import FACTS, write_encoders, write_whisper

RUN = (
    "audio=whisper", "audio.layer=chosen", "audio_encoder=dense", "visual=onnx", "tracking=none",
    "audio.saw_ravdess=accepted",
)  # fmt: skip


@pytest.mark.slow
def test_layer_and_files_travel_and_the_choice_saw_training_clips_alone(
    configure, tmp_path, monkeypatch, clip_path, caplog
):
    facts = FACTS | {"trained_on": "RAVDESS"}
    weights = write_encoders(tmp_path)
    file = write_whisper(weights / "seen.npz", facts=facts)
    speakers = []

    def spied(feature, train, labels, of):
        speakers.extend(of)
        return layer_of(feature, train, labels, of)

    monkeypatch.setattr("ravdess_exp.run.inputs.layer_of", spied)
    monkeypatch.setenv("RAVDESS_WEIGHTS", str(weights))
    folder = tmp_path / "run"
    config = configure(*RUN, f"audio.file={file}")
    with caplog.at_level("WARNING"):
        run(config, folder=folder)
    assert set(speakers) == {1, 2}  # validation is actor 3, test is actor 4
    assert SAW_RAVDESS in caplog.text
    assert json.loads((folder / "metrics.json").read_text())["encoder/saw_ravdess"] == 1
    for gone in weights.glob("*.[no][pn]*"):
        gone.unlink()
    bundle = Bundle.load(folder / "bundle")
    assert bundle.members[0].audio_input.layer in range(3)
    assert Path(bundle.recipe.feature.file) == folder.absolute() / "bundle" / "sound_encoder.npz"
    assert "it saw RAVDESS" in bundle.facts.licences["sound encoder"]
    command = [sys.executable, "-m", "ravdess_exp", "predict", str(folder), str(clip_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 0 and "learned from this very clip" in done.stdout, done.stderr
