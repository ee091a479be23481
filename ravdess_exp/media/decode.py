"""One pass over a clip's file: its sound, and the frames at the times that are asked for."""

import hashlib
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import av
import numpy as np
import soxr

from ravdess_exp.errors import DecodeError

MAX_SECONDS = 60.0  # RAVDESS's longest clip has 7; a film by mistake must not fill the memory
MAX_SIDE = 4096  # pixels
_COMPLETE = 0.9  # share of the declared length that must be there


class Recording:
    """An open clip. Sound is decoded at once; video packets wait until the times are known.

    Raises `DecodeError` where the file is no media file, is cut off, or lacks sound or picture.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._container = av.open(str(path))
        except (av.FFmpegError, ValueError) as error:
            raise DecodeError(f"not a readable media file ({_reason(error)})") from error
        try:
            self._demux()
        except BaseException:
            self._container.close()
            raise

    def __enter__(self) -> "Recording":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._container.close()

    @property
    def rate(self) -> int:
        """Samples a second in the file."""
        return self._audio.rate

    def sound(self, sample_rate: int) -> np.ndarray:
        """Mono sound at `sample_rate` Hz, (samples,) float32; channels are averaged."""
        mono = self._samples.mean(axis=0)  # (channels, samples) -> (samples,)
        if not np.isfinite(mono).all():
            raise DecodeError("the sound has samples that are not numbers (NaN or infinite)")
        if sample_rate == self.rate:
            return mono
        return soxr.resample(mono, self.rate, sample_rate).astype(np.float32)

    def sound_digest(self) -> str:
        """SHA-256 of the decoded sound before any resampling: equal for copies under any name."""
        mono = self._samples.mean(axis=0)
        return hashlib.sha256((mono * 32767).round().astype("<i2").tobytes()).hexdigest()

    @property
    def sound_start(self) -> float:
        """Seconds from the clip's zero to the first sample."""
        return self._sound_start

    @property
    def seconds(self) -> tuple[float, float]:
        """Times of the first and the last frame, in seconds."""
        times = self._frame_times()
        return times[0][0], times[-1][0]

    def frames(self, times: Sequence[float]) -> np.ndarray:
        """The frames nearest to `times` (seconds), (len(times), height, width, 3) uint8 RGB.

        Frames that nobody asked for and no other frame refers to are not decoded.
        """
        wanted = [self._nearest(time) for time in times]
        images: dict[int, np.ndarray] = {}
        missing = set(wanted)
        context = self._video.codec_context
        try:
            for packet in [*self._packets, None]:
                if packet is not None:
                    needed = packet.pts in missing
                    context.skip_frame = "DEFAULT" if needed else "NONREF"
                for frame in context.decode(packet):
                    if frame.pts in missing:
                        images[frame.pts] = _upright(frame)
                        missing.discard(frame.pts)
                if not missing:
                    break
        except av.FFmpegError as error:
            raise DecodeError(f"the picture cannot be decoded ({_reason(error)})") from error
        if missing:
            raise DecodeError(f"{len(missing)} of {len(set(wanted))} frames cannot be decoded")
        return np.stack([images[pts] for pts in wanted])

    def _demux(self) -> None:
        container = self._container
        if not container.streams.audio:
            raise DecodeError("no sound in the file")
        if not container.streams.video:
            raise DecodeError("no picture in the file")
        self._audio, self._video = container.streams.audio[0], container.streams.video[0]
        if max(self._video.width, self._video.height) > MAX_SIDE:
            raise DecodeError(
                f"picture of {self._video.width} x {self._video.height}, at most {MAX_SIDE} a side"
            )
        self._video.codec_context.thread_count = 1  # clips are prepared side by side
        self._packets, chunks = [], []
        to_float = av.AudioResampler(format="fltp")
        try:
            for packet in container.demux(self._audio, self._video):
                if packet.pts is not None and packet.pts * packet.time_base > MAX_SECONDS:
                    raise DecodeError(f"longer than {MAX_SECONDS:.0f} s, so not a RAVDESS clip")
                if packet.stream is self._audio:
                    for frame in packet.decode():
                        chunks += to_float.resample(frame)
                elif packet.pts is not None:
                    self._packets.append(packet)
            chunks += to_float.resample(None) if chunks else []
        except (av.FFmpegError, ValueError) as error:
            raise DecodeError(f"the sound cannot be decoded ({_reason(error)})") from error
        self._check(chunks)
        self._samples = np.concatenate([chunk.to_ndarray() for chunk in chunks], axis=1)
        self._sound_start = float(chunks[0].time or 0.0)
        self._require("sound", self._samples.shape[1] / self.rate, self._audio)

    def _check(self, chunks: list) -> None:
        if not chunks:
            raise DecodeError("the sound stream is empty")
        if not self._packets:
            raise DecodeError("the picture stream is empty")
        first, last = self.seconds
        self._require("picture", last - first, self._video)

    def _require(self, what: str, seconds: float, stream: av.stream.Stream) -> None:
        """A file that breaks off keeps its declared length; what is there is less."""
        if stream.duration:
            declared = float(stream.duration * stream.time_base)
            frame = 0.0 if stream is self._audio else 1 / float(stream.average_rate or 25)
            if seconds + frame < _COMPLETE * declared - 0.1:
                raise DecodeError(f"cut off: {seconds:.2f} s of {what} of {declared:.2f} s")

    def _frame_times(self) -> list[tuple[float, int]]:
        """(seconds, pts) of all frames in order of showing."""
        base = float(self._video.time_base)
        return sorted((packet.pts * base, packet.pts) for packet in self._packets)

    def _nearest(self, time: float) -> int:
        times = self._frame_times()
        at = bisect_left(times, (time, 0))
        around = times[max(at - 1, 0) : at + 1]
        return min(around, key=lambda candidate: abs(candidate[0] - time))[1]


def _upright(frame: av.VideoFrame) -> np.ndarray:
    """RGB image (height, width, 3) uint8, turned as the file's display matrix says."""
    image = frame.to_ndarray(format="rgb24")
    turns = round(frame.rotation / 90) % 4  # counter-clockwise, as np.rot90 turns
    return np.ascontiguousarray(np.rot90(image, turns)) if turns else image


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
