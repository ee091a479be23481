"""A clip as what a browser takes for its camera and its microphone: a Y4M file and a WAV file."""

import wave
from pathlib import Path

import av
import numpy as np


def options_for(clip: Path, folder: Path) -> list[str]:
    """Chromium's options by which this clip is what its camera sees and its microphone hears."""
    picture, sound = folder / "camera.y4m", folder / "microphone.wav"
    _write_picture(clip, picture)
    _write_sound(clip, sound)
    return [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={picture}",
        f"--use-file-for-fake-audio-capture={sound}",
    ]


def _write_picture(clip: Path, path: Path) -> None:
    with av.open(str(clip)) as container, path.open("wb") as file:
        for number, frame in enumerate(container.decode(video=0)):
            planes = frame.reformat(
                320, 240, "yuv420p"
            ).to_ndarray()  # little for a browser to encode
            if not number:
                file.write(b"YUV4MPEG2 W320 H240 F25:1 Ip A1:1 C420jpeg\n")
            file.write(b"FRAME\n" + planes.tobytes())


def _write_sound(clip: Path, path: Path) -> None:
    to_int = av.AudioResampler(format="s16", layout="mono", rate=48_000)
    with av.open(str(clip)) as container:
        pieces = [f.to_ndarray() for one in container.decode(audio=0) for f in to_int.resample(one)]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(np.concatenate(pieces, axis=1).astype("<i2").tobytes())
