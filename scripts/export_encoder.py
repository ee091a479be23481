"""Export a torch encoder of sound with all its hidden layers to one .onnx file for `audio=onnx`.

    python scripts/export_encoder.py microsoft/wavlm-base-plus wavlm.onnx \\
        --licence "MIT (WavLM)" --trained-on "94,000 hours of speech (Chen et al. 2022)"

MODEL is a name or folder that transformers' AutoModel reads (wav2vec2, HuBERT, WavLM, XLS-R), or
MODULE:FUNCTION, a function without arguments that returns any torch module which maps a waveform
(1, samples) to a list of layers (1, T, D), such as emotion2vec's. Needs torch, and transformers for
names. Input `waveform`; outputs `layer_1` to `layer_L`, of any length of sound.
"""

import argparse
import importlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ravdess_exp.command import assignment, our_command, python_command
from ravdess_exp.features.encoders.graph import read_graph, with_facts

_RATE = 16_000
_OPSET = 17


def main(arguments: list[str] | None = None) -> None:
    """Parse the command line, load, export, and say how to use it."""
    asked = parsed(arguments)
    require("torch")
    model, name = loaded(asked.model)
    layers = export(model, asked.to)
    facts = {"name": name, "licence": asked.licence, "trained_on": asked.trained_on}
    asked.to.write_bytes(with_facts(asked.to.read_bytes(), facts))
    print(f"{asked.to}: {len(layers)} layers")
    file = assignment("audio.file", str(asked.to.absolute()))
    tensors = f"audio.tensors=[{','.join(layers)}]"
    print(f"  {our_command('audio=onnx', file, 'audio.input=waveform', tensors)}")


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    """The command line; it ends here where a fact is empty or a file would be overwritten."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="a name for AutoModel, a folder, or MODULE:FUNCTION")
    parser.add_argument("to", type=Path, help="the .onnx file to write")
    parser.add_argument("--licence", required=True)
    parser.add_argument("--trained-on", required=True)
    asked = parser.parse_args(arguments)
    if not asked.licence.strip() or not asked.trained_on.strip():
        parser.error("--licence and --trained-on: expected what every result is to say")
    if asked.to.suffix != ".onnx":
        parser.error(f"{asked.to}: expected a name that ends in .onnx")
    if asked.to.exists():
        parser.error(f"{asked.to}: exists; remove it first")
    return asked


def require(package: str) -> None:
    """End with one line where a package is missing: this program alone needs it."""
    if find_spec(package) is None:
        command = python_command("-m", "pip", "install", package)
        raise SystemExit(f"this program needs {package}: {command}")


def loaded(model: str) -> tuple[Any, str]:
    """A torch module in evaluation mode that returns its layers, and what it is called."""
    import torch

    if ":" in model:
        module, _, function = model.partition(":")
        return getattr(importlib.import_module(module), function)().eval(), module
    require("transformers")
    from transformers import AutoModel

    encoder = AutoModel.from_pretrained(model).eval()

    class Layers(torch.nn.Module):
        """Hidden states behind each block; the one in front of the first is left out."""

        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder

        def forward(self, waveform: Any) -> tuple:
            return self.encoder(waveform, output_hidden_states=True).hidden_states[1:]

    return Layers().eval(), model


def export(model: Any, path: Path) -> list[str]:
    """Write the file; returns the names of the layers."""
    import torch

    with torch.no_grad():
        example = torch.randn(1, 2 * _RATE)
        names = [f"layer_{i}" for i in range(1, len(model(example)) + 1)]
        torch.onnx.export(
            model,
            (example,),
            str(path),
            input_names=["waveform"],
            output_names=names,
            dynamic_axes={"waveform": {1: "samples"}} | {name: {1: "time"} for name in names},
            opset_version=_OPSET,
            dynamo=False,  # the older way writes one file, and any length of sound
        )
    missing = set(names) - set(read_graph(path.read_bytes()).outputs)
    if missing:
        raise SystemExit(f"{path}: torch exported it without {', '.join(sorted(missing))}")
    return names


if __name__ == "__main__":
    main()
