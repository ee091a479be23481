"""One pass over a clip's file: its sound, and the frames at the times that are asked for."""

import errno
import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

import av
import numpy as np
import soxr

from ravdess_exp.errors import DecodeError

MAX_SECONDS = 60.0  # RAVDESS's longest clip has 7; a film by mistake must not fill the memory
MAX_SIDE = 4096  # pixels
_MAX_FRAMES = 60_000  # a thousand a second
_RATES = range(4_000, 768_001)  # samples a second; what lies outside is a damaged header
_MAX_SAMPLE = 100.0  # full scales: more is no sound, and overflows where it is squared
_COMPLETE = 0.9  # share of the declared length that must be there
_CONTAINERS = {  # a playlist under a clip's name would have other files opened, or addresses
    "format_whitelist": "mov,matroska,avi,flv",
    "protocol_whitelist": "file",
}
_MACHINE = {errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EIO, errno.EACCES, errno.ENOENT}


class Recording:
    """An open clip. Sound is decoded at once; video packets wait until the times are known.

    Raises `DecodeError` where the file is no media file, is cut off, lacks sound or picture, or is
    nothing that a clip could be; `OSError` where the machine lacks memory or open files.
    """

    def __init__(self, path: Path) -> None:
        try:
            # the absolute path, since FFmpeg takes `a:b` for a protocol
            self._container = av.open(
                str(path.absolute()), container_options=_CONTAINERS, metadata_errors="replace"
            )
        except (av.FFmpegError, ValueError) as error:
            raise _damage("not a readable media file", error) from error
        try:
            self._choose_streams()
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
        if not np.isfinite(self._mono).all():
            raise DecodeError("the sound has samples that are not numbers (NaN or infinite)")
        if (loudest := float(np.abs(self._mono).max(initial=0.0))) > _MAX_SAMPLE:
            raise DecodeError(f"the loudest sample is {loudest:.1e} times full scale: no sound")
        if sample_rate == self.rate:
            return self._mono
        return soxr.resample(self._mono, self.rate, sample_rate).astype(np.float32)

    def sound_digest(self) -> str:
        """SHA-256 of the decoded sound before any resampling: equal for copies under any name."""
        return hashlib.sha256((self._mono * 32767).round().astype("<i2").tobytes()).hexdigest()

    @property
    def sound_start(self) -> float:
        """Seconds from the clip's zero to the first sample."""
        return self._sound_start

    @property
    def seconds(self) -> tuple[float, float]:
        """Times of the first and the last frame, in seconds."""
        return self._times[0][0], self._times[-1][0]

    def frames(self, times: Sequence[float]) -> np.ndarray:
        """The frames nearest to `times` (seconds), (len(times), height, width, 3) uint8 RGB.

        Frames that nobody asked for and no other frame refers to are not decoded.
        """
        wanted = [self._nearest(time) for time in times]
        images: np.ndarray | None = None
        missing = set(wanted)
        try:
            for frame in self._decoded(missing):
                image = _upright(frame)
                if images is None:  # one array from the start: large frames are not held twice
                    images = np.empty((len(wanted), *image.shape), np.uint8)
                if image.shape != images.shape[1:]:
                    raise DecodeError("the picture changes its size within the clip")
                images[[pts == frame.pts for pts in wanted]] = image
                missing.discard(frame.pts)
        except (av.FFmpegError, ValueError) as error:
            raise _damage("the picture cannot be decoded", error) from error
        if missing:
            raise DecodeError(f"{len(missing)} of {len(set(wanted))} frames cannot be decoded")
        return images

    def _decoded(self, missing: set[int]) -> Iterator[av.VideoFrame]:
        """The frames whose pts are in `missing`, in the file's order; ends when that is empty."""
        context = self._video.codec_context
        for packet in [*self._packets, None]:
            if packet is not None:
                context.skip_frame = "DEFAULT" if packet.pts in missing else "NONREF"
            for frame in context.decode(packet):
                if frame.pts in missing:
                    if frame.is_corrupt:
                        raise DecodeError(f"the frame at {frame.time:.2f} s is damaged")
                    yield frame
            if not missing:
                return

    def _choose_streams(self) -> None:
        """The best ones in FFmpeg's judgement, not the first: that may be a cover picture."""
        self._audio = self._container.streams.best("audio")
        self._video = self._container.streams.best("video")
        if self._audio is None:
            raise DecodeError("no sound in the file")
        if self._video is None:
            raise DecodeError("no picture in the file")
        for what, stream in (("sound", self._audio), ("picture", self._video)):
            if stream.codec_context is None:
                raise DecodeError(f"the {what} is in a format that FFmpeg does not know")
        if self.rate not in _RATES:
            raise DecodeError(
                f"sound of {self.rate} samples a second, expected {_RATES[0]} to {_RATES[-1]}"
            )
        self._require_size(self._video.width, self._video.height)
        context = self._video.codec_context
        context.thread_count = 1  # clips are prepared side by side
        context.options = {"max_pixels": str(MAX_SIDE**2)}  # whatever the container says
        for stream in (self._audio, self._video):
            self._require_short(_seconds(stream.duration, stream))

    def _demux(self) -> None:
        """Decode the sound and keep the picture's packets."""
        self._packets: list[av.Packet] = []
        self._sound_start: float | None = None
        chunks: list[np.ndarray] = []  # (n,) each
        to_float = av.AudioResampler(
            format="flt"
        )  # of 9 planes and more PyAV 18 reads past the end
        samples = 0
        try:
            for packet in self._container.demux(self._audio, self._video):
                self._require_short(_seconds(packet.pts, packet))
                if packet.stream is self._audio:
                    for frame in packet.decode():
                        chunks += self._mono_chunks(to_float.resample(frame))
                        samples += frame.samples
                        self._require_short(samples / self.rate)
                elif packet.pts is not None:
                    self._keep(packet)
            chunks += self._mono_chunks(to_float.resample(None) if chunks else [])
        except (av.FFmpegError, ValueError) as error:
            raise _damage("the sound cannot be decoded", error) from error
        if not chunks:
            raise DecodeError("the sound stream is empty")
        if not self._packets:
            raise DecodeError("the picture stream is empty")
        self._mono = np.concatenate(chunks)
        base = float(self._video.time_base)
        self._times = sorted((packet.pts * base, packet.pts) for packet in self._packets)
        first, last = self.seconds
        self._require_whole("picture", last - first, self._video)
        self._require_whole("sound", len(self._mono) / self.rate, self._audio)

    def _mono_chunks(self, frames: list[av.AudioFrame]) -> list[np.ndarray]:
        """Sound by mean over the channels, (1, n * channels) -> (n,) float32, as it comes."""
        if frames and self._sound_start is None:
            self._sound_start = float(frames[0].time or 0.0)
        return [f.to_ndarray().reshape(f.samples, -1).T.mean(axis=0) for f in frames]

    def _keep(self, packet: av.Packet) -> None:
        if len(self._packets) == _MAX_FRAMES:
            raise DecodeError(f"more than {_MAX_FRAMES:,} frames, so not a RAVDESS clip")
        self._packets.append(packet)

    def _require_short(self, seconds: float | None) -> None:
        if seconds is not None and seconds > MAX_SECONDS:
            raise DecodeError(f"longer than {MAX_SECONDS:.0f} s, so not a RAVDESS clip")

    def _require_size(self, width: int, height: int) -> None:
        if max(width, height) > MAX_SIDE:
            raise DecodeError(f"picture of {width} x {height}, at most {MAX_SIDE} a side")

    def _require_whole(self, what: str, seconds: float, stream: av.stream.Stream) -> None:
        """A file that breaks off keeps its declared length; what is there is less."""
        declared = _seconds(stream.duration, stream)
        if declared:
            frame = 0.0 if stream is self._audio else 1 / float(stream.average_rate or 25)
            if seconds + frame < _COMPLETE * declared - 0.1:
                raise DecodeError(f"cut off: {seconds:.2f} s of {what} of {declared:.2f} s")

    def _nearest(self, time: float) -> int:
        at = bisect_left(self._times, (time, 0))
        around = self._times[max(at - 1, 0) : at + 1]
        return min(around, key=lambda candidate: abs(candidate[0] - time))[1]


def _seconds(ticks: int | None, clock: av.stream.Stream | av.Packet) -> float | None:
    return None if ticks is None or not clock.time_base else float(ticks * clock.time_base)


def _upright(frame: av.VideoFrame) -> np.ndarray:
    """RGB image (height, width, 3) uint8, turned as the file's display matrix says."""
    image = frame.to_ndarray(format="rgb24", threads=1)  # PyAV would start some for each frame
    turns = round(frame.rotation / 90) % 4  # counter-clockwise, as np.rot90 turns
    return np.ascontiguousarray(np.rot90(image, turns)) if turns else image


def _damage(what: str, error: Exception) -> Exception:
    """The clip's fault; unless the machine may be short of something, which is not to be kept."""
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    if getattr(error, "errno", None) in _MACHINE:
        return OSError(error.errno, f"{what} ({reason})")
    return DecodeError(f"{what} ({reason})")
