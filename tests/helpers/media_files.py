"""Small media files for tests, good and bad."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE = 48_000


def tone(seconds: float = 1.0, *, before: float = 0.3, after: float = 0.3) -> np.ndarray:
    """A loud tone with silence around it, (samples,) float32 at `RATE`."""
    loud = 0.5 * np.sin(2 * np.pi * 220 * np.arange(int(seconds * RATE)) / RATE)
    return np.pad(loud, (int(before * RATE), int(after * RATE))).astype(np.float32)


def numbered_frames(count: int, width: int = 160, height: int = 120) -> np.ndarray:
    """Frames whose grey level tells which one it is: 5 a frame."""
    levels = (20 + 5 * np.arange(count)).astype(np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (count, height, width, 3)).copy()


def write_media(
    path: Path,
    *,
    sound: np.ndarray | None = None,
    frames: np.ndarray | None = None,
    times: np.ndarray | None = None,
    fps: int = 25,
    layout: str = "mono",
    rotation: int = 0,
    matrix: list[int] | None = None,
    pixel: Fraction | None = None,
    container: str = "mp4",
    audio_codec: str = "aac",
    options: dict | None = None,
    video_codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    clock: int = 1000,
) -> Path:
    """Write an H.264 + AAC file. sound: (samples,) or (channels, samples); times: seconds a frame.

    matrix: how it is to be shown, nine numbers of FFmpeg's; pixel: width of one to its height.
    clock: ticks a second of the picture's times; some codecs know `fps` alone.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format=container) as out:
        video = audio = None
        if frames is not None:
            preset = {"preset": "ultrafast", "crf": "10"} if video_codec == "libx264" else {}
            video = out.add_stream(video_codec, rate=fps, options=preset | (options or {}))
            video.height, video.width = frames.shape[1:3]
            video.pix_fmt = pix_fmt
            if pixel:
                video.codec_context.sample_aspect_ratio = pixel
            video.codec_context.time_base = Fraction(1, clock)
            if rotation:
                video.set_display_rotation(rotation)
            if matrix:
                video.set_display_matrix(matrix)
        if sound is not None:
            audio = out.add_stream(audio_codec, rate=RATE, layout=layout)
        if video is not None:
            _write_frames(out, video, frames, times, fps, clock)
        if audio is not None:
            _write_sound(out, audio, np.atleast_2d(sound), layout)
    return path


def _write_frames(out, video, frames, times, fps, clock) -> None:
    times = np.arange(len(frames)) / fps if times is None else times
    for image, time in zip(frames, times, strict=True):
        frame = av.VideoFrame.from_ndarray(image, format="rgb24")
        frame.pts, frame.time_base = round(time * clock), Fraction(1, clock)
        out.mux(video.encode(frame))
    out.mux(video.encode())


def _write_sound(out, audio, samples, layout) -> None:
    frame = av.AudioFrame.from_ndarray(
        np.ascontiguousarray(samples, dtype=np.float32), format="fltp", layout=layout
    )
    frame.rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
    out.mux(audio.encode(frame))
    out.mux(audio.encode())
