"""One pass over a clip's file: its sound, and the frames at the times that are asked for."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from types import TracebackType

import av
import numpy as np

from ravdess_exp.media.container import (
    MAX_SIDE,
    Source,
    choose_streams,
    damage,
    declared_seconds,
    first_second,
    open_container,
    require_short,
    require_whole,
    seconds_of,
)
from ravdess_exp.media.display import Display, read_display
from ravdess_exp.media.picture import Picture
from ravdess_exp.media.sound import Sound

_BEHIND = 0.1  # seconds behind a segment to decode: some decoders hold a frame back
_BEFORE = (0.5, 12.0, float("inf"))  # seconds before a segment to start at: the first that will do


class Recording:
    """An open clip. Sound is decoded at once; video packets wait until the times are known.

    source: a path, or the bytes of a file. sound, picture: which of the two are needed; the other
    is not read. longest: seconds that a clip, or a segment, may last. segment: only what lies
    between these two times, in seconds, of a file of any length; all times stay those of the file.

    Raises `DecodeError` where the file is no media file, is cut off, lacks what is needed
    (`MissingStreamError`), is too long (`TooLongError`) or is nothing that a clip could be;
    `OSError` where the machine lacks memory or open files.
    """

    def __init__(
        self,
        source: Source,
        *,
        sound: bool = True,
        picture: bool = True,
        longest: float = float("inf"),
        segment: tuple[float, float] | None = None,
    ) -> None:
        self._segment = segment
        self._longest = longest
        self._open = partial(open_container, source)
        self._choose = partial(choose_streams, sound=sound, picture=picture)
        self._container = self._open()
        try:
            self._audio, self._video = self._choose(self._container)
            self._display = self._read_display()
            self._zero = first_second(self._container)
            if segment is None:
                self._read_whole()
            else:
                self._read_segment(*segment)
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
    def has_sound(self) -> bool:
        """Whether sound was asked for, and so is there."""
        return self._audio is not None

    @property
    def has_picture(self) -> bool:
        """Whether picture was asked for, and so is there."""
        return self._video is not None

    @property
    def rate(self) -> int:
        """Samples a second in the file."""
        return self._sound.rate

    def sound(self, sample_rate: int) -> np.ndarray:
        """Mono sound at `sample_rate` Hz, (samples,) float32; channels are averaged."""
        return self._sound.samples(sample_rate)

    def sound_digest(self) -> str:
        """SHA-256 of the decoded sound before any resampling: equal for copies under any name."""
        return self._sound.digest()

    @property
    def sound_start(self) -> float:
        """Seconds from the clip's zero to the first sample."""
        return self._sound.start

    @property
    def seconds(self) -> tuple[float, float]:
        """Times of the first and the last frame, in seconds."""
        return self._picture.seconds

    @property
    def read_until(self) -> float:
        """Seconds at which ends what was read, of sound or picture, whichever is later."""
        ends = []
        if self._sound is not None:
            ends.append(self.sound_start + self._sound.seconds)
        if self._picture is not None:
            ends.append(self.seconds[1] + self._picture.frame_seconds)
        return max(ends)

    def frames(self, times: Sequence[float]) -> np.ndarray:
        """The frames nearest to `times` (seconds), (len(times), height, width, 3) uint8 RGB."""
        return self._picture.frames(times)

    def _streams(self) -> list[av.stream.Stream]:
        return [stream for stream in (self._audio, self._video) if stream is not None]

    def _read_whole(self) -> None:
        for stream in self._streams():
            require_short(declared_seconds(self._container, stream), self._longest)
        self._demux()
        self._end()
        if self._picture is not None:
            first, last = self.seconds
            spare = self._picture.frame_seconds  # which the last frame is shown for
            require_whole("picture", last - first, self._container, self._video, spare=spare)
        if self._sound is not None:
            require_whole("sound", self._sound.seconds, self._container, self._audio)

    def _read_segment(self, start: float, end: float) -> None:
        require_short(end - start, self._longest)
        for before in _BEFORE:
            if start > before:
                self._seek(start - before)
            elif before != _BEFORE[0]:
                self._start_again()  # some formats cannot seek to their very start
            self._demux(after=start - _BEFORE[0], until=end + _BEHIND)
            if self._picture is None or self._reaches_back(start) or start <= before:
                break
        self._end()

    def _start_again(self) -> None:
        self._container.close()
        self._container = self._open()
        self._audio, self._video = self._choose(self._container)

    def _read_display(self) -> Display | None:
        if self._video is None:
            return None
        return read_display(self._container, self._video, max_side=MAX_SIDE)

    def _seek(self, seconds: float) -> None:
        """To the last key frame before; where a file cannot, all of it is read from its start."""
        stream = self._video or self._audio
        with suppress(av.FFmpegError):
            self._container.seek(int((seconds + self._zero) / stream.time_base), stream=stream)

    def _reaches_back(self, start: float) -> bool:
        """Whether a key frame before the segment was met, so that its first frame can be decoded."""
        return self._first_key is not None and self._first_key <= start

    def _demux(self, *, after: float | None = None, until: float | None = None) -> None:
        """Decode the sound and keep the picture's packets, from `after` `until`, in seconds."""
        limits = {"zero": self._zero, "longest": self._longest}
        self._sound = None if self._audio is None else Sound(self._audio, **limits)
        self._picture = None
        if self._video is not None:
            self._picture = Picture(self._video, display=self._display, **limits)
        self._first_key: float | None = None
        going = set(self._streams())
        try:
            for packet in self._container.demux(*going):
                going -= self._take(packet, after, until)
                if not going:
                    break
        except (av.FFmpegError, ValueError) as error:
            raise damage("the sound cannot be decoded", error) from error

    def _end(self) -> None:
        try:
            if self._sound is not None:
                self._sound.end(self._segment)
        except (av.FFmpegError, ValueError) as error:
            raise damage("the sound cannot be decoded", error) from error
        if self._picture is not None:
            self._picture.end(self._segment)

    def _take(
        self, packet: av.Packet, after: float | None, until: float | None
    ) -> set[av.stream.Stream]:
        """Hand a packet on; returns the streams that are over, since it lies behind the segment."""
        time = seconds_of(packet.dts if packet.pts is None else packet.pts, packet)
        if until is None:
            require_short(None if time is None else time - self._zero, self._longest)
        elif time is not None:
            decoded = seconds_of(packet.dts, packet)  # in order, which the times shown are not
            if min(time, time if decoded is None else decoded) - self._zero >= until:
                return {packet.stream}
        if packet.stream is self._video:
            if self._first_key is None and packet.is_keyframe and time is not None:
                self._first_key = time - self._zero
            self._picture.add(packet)
        elif after is None or time is None or time - self._zero >= after:
            self._sound.add(packet)
        return set()
