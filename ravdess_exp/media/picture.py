"""The picture of a recording: its packets wait until it is known which frames are wanted."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

import av
import numpy as np

from ravdess_exp.errors import DecodeError
from ravdess_exp.media.container import damage

_MOST_FRAMES = 1000  # a second


class Picture:
    """Takes the packets of one stream; after `end`, gives the frames at the times asked for.

    zero: seconds on the file's clock at its start; longest: that it may last.
    """

    def __init__(self, stream: av.VideoStream, *, zero: float, longest: float) -> None:
        self.stream = stream
        self._zero = zero
        self._most = _MOST_FRAMES * longest
        self._packets: list[av.Packet] = []
        self._times: list[tuple[float, int]] = []  # seconds and pts

    def add(self, packet: av.Packet) -> None:
        """Keep one packet. Raises `DecodeError` where there are more than a clip's."""
        if packet.pts is None:
            return
        if len(self._packets) >= self._most:
            raise DecodeError(
                f"more than {self._most:,.0f} frames, the most that one clip may have"
            )
        self._packets.append(packet)

    def end(self, segment: tuple[float, float] | None) -> None:
        """No more packets. segment: only frames between these seconds will be given.

        Raises `DecodeError` where there is no frame.
        """
        base = float(self.stream.time_base)
        if segment is not None:  # what comes before the first key frame cannot be decoded
            keys = [i for i, packet in enumerate(self._packets) if packet.is_keyframe]
            self._packets = self._packets[keys[0] :] if keys else []
        times = sorted((packet.pts * base - self._zero, packet.pts) for packet in self._packets)
        if segment is not None:
            times = [entry for entry in times if segment[0] <= entry[0] < segment[1]]
        if not times:
            raise DecodeError("the picture stream is empty")
        self._times = times

    @property
    def seconds(self) -> tuple[float, float]:
        """Times of the first and the last frame."""
        return self._times[0][0], self._times[-1][0]

    @property
    def frame_seconds(self) -> float:
        """How long a frame is shown, on average."""
        return 1 / float(self.stream.average_rate or 25)

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
            raise damage("the picture cannot be decoded", error) from error
        if missing:
            raise DecodeError(f"{len(missing)} of {len(set(wanted))} frames cannot be decoded")
        return images

    def _decoded(self, missing: set[int]) -> Iterator[av.VideoFrame]:
        """The frames whose pts are in `missing`, in the file's order; ends when that is empty."""
        context = self.stream.codec_context
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

    def _nearest(self, time: float) -> int:
        at = bisect_left(self._times, (time, 0))
        around = self._times[max(at - 1, 0) : at + 1]
        return min(around, key=lambda candidate: abs(candidate[0] - time))[1]


def _upright(frame: av.VideoFrame) -> np.ndarray:
    """RGB image (height, width, 3) uint8, turned as the file's display matrix says."""
    image = frame.to_ndarray(format="rgb24", threads=1)  # PyAV would start some for each frame
    turns = round(frame.rotation / 90) % 4  # counter-clockwise, as np.rot90 turns
    return np.ascontiguousarray(np.rot90(image, turns)) if turns else image
