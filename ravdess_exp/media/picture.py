"""The picture of a recording: its packets wait until it is known which frames are wanted."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

import av
import numpy as np

from ravdess_exp.errors import DecodeError
from ravdess_exp.media.container import damage
from ravdess_exp.media.display import Display

_MOST_FRAMES = 1000  # a second
# Codecs whose decoder itself refers to no frame that it skips as a non-reference. Others say it of
# frames that are needed (sub-layers of HEVC) or that change what they keep (VP8, VP9).
_SKIPPABLE = {"h264"}


class Picture:
    """Takes the packets of one stream; after `end`, gives the frames at the times asked for.

    zero: seconds on the file's clock at its start; longest: that it may last. display: how each frame
    is to be shown.

    Times are those of the packets, and a frame is known by its `pts`. Where packets do not have
    times of their own, or do not give the frames that they promise, all of them are decoded: times
    are then those of the frames that come, and a frame is known by its number.
    """

    def __init__(
        self, stream: av.VideoStream, *, zero: float, longest: float, display: Display
    ) -> None:
        self.stream = stream
        self.stream.codec_context.flags |= av.codec.context.Flags.unaligned  # crops to the pixel
        self._display = display
        self._zero = zero
        self._most = _MOST_FRAMES * longest
        self._packets: list[av.Packet] = []
        self._times: list[tuple[float, int]] = []  # seconds, and pts or number
        self._plain = False  # whether all packets are decoded

    def add(self, packet: av.Packet) -> None:
        """Keep one packet. Raises `DecodeError` where there are more than a clip's."""
        if not packet.size:
            return  # the end of the stream
        if len(self._packets) >= self._most:
            raise DecodeError(
                f"more than {self._most:,.0f} frames, the most that one clip may have"
            )
        self._packets.append(packet)

    def end(self, segment: tuple[float, float] | None) -> None:
        """No more packets. segment: only frames between these seconds will be given.

        Raises `DecodeError` where there is no frame.
        """
        self._segment = segment
        if segment is not None:  # what comes before the first key frame cannot be decoded
            keys = [i for i, packet in enumerate(self._packets) if packet.is_keyframe]
            self._packets = self._packets[keys[0] :] if keys else self._packets
        if not self._packets:
            raise DecodeError("the picture stream is empty")
        if not self._has_times():
            self._decode_plainly()
        else:  # an edit list leaves packets out, which other frames may still need
            self._keep_times((p.pts, p.pts) for p in self._packets if not p.is_discard)

    @property
    def seconds(self) -> tuple[float, float]:
        """Times of the first and the last frame."""
        return self._times[0][0], self._times[-1][0]

    @property
    def frame_seconds(self) -> float:
        """How long a frame is shown: on average, or the last one, whichever is more."""
        last = float((self._packets[-1].duration or 0) * self.stream.time_base)
        return max(1 / float(self.stream.average_rate or 25), last)

    def frames(self, times: Sequence[float]) -> np.ndarray:
        """The frames nearest to `times` (seconds), (len(times), height, width, 3) uint8 RGB.

        Frames that nobody asked for and no other frame refers to are not decoded.
        """
        if not self._plain:
            try:
                return self._find(times)
            except (av.FFmpegError, ValueError, DecodeError):
                self._decode_plainly()  # which says what is wrong, if anything is
        try:
            return self._find(times)
        except (av.FFmpegError, ValueError) as error:
            raise damage("the picture cannot be decoded", error) from error

    def _has_times(self) -> bool:
        """Whether each packet says when its frame is shown, by what can be seen without decoding.

        AVI, ASF and others know only the order of decoding: FFmpeg then invents times in that order.
        """
        times = [packet.pts for packet in self._packets]
        if None in times or len(set(times)) < len(times):
            return False
        return times != sorted(times) or not self.stream.codec_context.reorder_depth

    def _decode_plainly(self) -> None:
        """Take the times of the frames that plain decoding gives."""
        self._plain = True
        step = max(1, round(self.frame_seconds / self.stream.time_base))
        found: list[int] = []
        try:
            for _, frame in self._decoded():
                ticks = frame.pts
                if ticks is None:
                    ticks = found[-1] + step if found else frame.dts or 0
                found.append(ticks)
        except (av.FFmpegError, ValueError) as error:
            raise damage("the picture cannot be decoded", error) from error
        found.sort()  # frames come as they are shown; where their times do not, those are invented
        for i in range(1, len(found)):
            if found[i] <= found[i - 1]:
                found[i] = found[i - 1] + step
        self._keep_times((ticks, number) for number, ticks in enumerate(found))

    def _keep_times(self, found: Iterator[tuple[int, int]]) -> None:
        base = float(self.stream.time_base)
        times = sorted((ticks * base - self._zero, which) for ticks, which in found)
        if self._segment is not None:
            start, end = self._segment
            times = [entry for entry in times if start <= entry[0] < end]
        if not times:
            raise DecodeError("the picture stream is empty")
        self._times = times

    def _find(self, times: Sequence[float]) -> np.ndarray:
        wanted = [self._nearest(time) for time in times]
        images: np.ndarray | None = None
        missing = set(wanted)
        for which, frame in self._decoded(set(wanted)):
            if which not in missing:
                continue
            if frame.is_corrupt:
                raise DecodeError(f"the frame at {frame.time:.2f} s is damaged")
            image = self._display.shown(frame)
            if images is None:  # one array from the start: large frames are not held twice
                images = np.empty((len(wanted), *image.shape), np.uint8)
            if image.shape != images.shape[1:]:
                raise DecodeError("the picture changes its size within the clip")
            images[[one == which for one in wanted]] = image
            missing.discard(which)
            if not missing:
                return images
        raise DecodeError(f"{len(missing)} of {len(set(wanted))} frames cannot be decoded")

    def _decoded(self, wanted: set[int] | None = None) -> Iterator[tuple[int, av.VideoFrame]]:
        """Frames in the file's order, each with its pts, or its number where all are decoded.

        wanted: the pts of frames that must come; others may, where only they are needed for these.
        """
        context = self.stream.codec_context
        if context.is_open:
            context.flush_buffers()
        skips = not self._plain and context.codec.canonical_name in _SKIPPABLE
        number, before = 0, None
        for packet in [*self._packets, None]:
            if packet is not None:
                # the packet behind a wanted one too: it may hold the other half of its lines
                whole = not skips or packet.pts in wanted or before in wanted
                context.skip_frame = "DEFAULT" if whole else "NONREF"
                before = packet.pts
            try:
                frames = context.decode(packet)
            except av.InvalidDataError:
                if number or not self._plain:
                    raise
                continue  # a file that begins between two key frames: its first packets give nothing
            for frame in frames:
                yield (number if self._plain else frame.pts), frame
                number += 1

    def _nearest(self, time: float) -> int:
        at = bisect_left(self._times, (time, 0))
        around = self._times[max(at - 1, 0) : at + 1]
        return min(around, key=lambda candidate: abs(candidate[0] - time))[1]
