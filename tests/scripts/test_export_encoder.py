"""`scripts/export_encoder.py`: its command line, and with torch a small encoder from end to end."""

from importlib.util import find_spec

import export_encoder
import numpy as np
import pytest

STATED = ["--licence", "MIT", "--trained-on", "random numbers"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["m", "x.onnx"], "--licence, --trained-on"),
        (["m", "x.onnx", "--licence", " ", "--trained-on", "x"], "expected what every result is"),
        (["m", "x.bin", *STATED], "expected a name that ends in .onnx"),
    ],
)
def test_a_mistake_is_a_line(arguments, message, capsys):
    with pytest.raises(SystemExit):
        export_encoder.main(arguments)
    assert message in capsys.readouterr().err


def test_no_file_is_overwritten(tmp_path, capsys):
    (tmp_path / "x.onnx").write_text("mine")
    with pytest.raises(SystemExit):
        export_encoder.main(["m", str(tmp_path / "x.onnx"), *STATED])
    assert "exists" in capsys.readouterr().err


def test_without_torch_one_line_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(export_encoder, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="this program needs torch: .* -m pip install torch"):
        export_encoder.main(["m", str(tmp_path / "x.onnx"), *STATED])


@pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed")
def test_a_small_encoder_gives_the_same_layers(tmp_path, monkeypatch, rng):
    import torch

    from ravdess_exp.features.encoders.network import load_network

    (tmp_path / "small_encoder.py").write_text(
        "import torch\n"
        "class Small(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.first = torch.nn.Conv1d(1, 4, 400, 320)\n"
        "        self.second = torch.nn.Linear(4, 4)\n"
        "    def forward(self, waveform):\n"
        "        one = self.first(waveform[:, None]).transpose(1, 2)\n"
        "        return one, torch.tanh(self.second(one))\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    torch.manual_seed(0)
    path = tmp_path / "small.onnx"
    export_encoder.main(["small_encoder:Small", str(path), *STATED])
    torch.manual_seed(0)
    import small_encoder

    wave = rng.normal(size=(1, 12_345)).astype(np.float32)
    expected = small_encoder.Small()(torch.from_numpy(wave))
    found = load_network(str(path), "", ("layer_1", "layer_2"))(wave, ("layer_1", "layer_2"))
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs.detach().numpy(), atol=4e-6)
