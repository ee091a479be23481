"""Opening a media file: which kinds are opened, and what is refused before anything is decoded."""

import errno
import io
from pathlib import Path

import av

from ravdess_exp.errors import DecodeError, MissingStreamError, TooLongError

Source = Path | bytes  # a file, or what one would hold

MAX_SIDE = 4096  # pixels
_RATES = range(4_000, 768_001)  # samples a second; what lies outside is a damaged header
_COMPLETE = 0.9  # share of the declared length that must be there
_FORMATS = (  # no playlist among them: it would have other files opened, or addresses
    "mov,matroska,avi,flv,mpegts,mpeg,asf,wav,w64,aiff,caf,au,mp3,aac,flac,ogg,amr"
)
_OPTIONS = {"format_whitelist": _FORMATS, "protocol_whitelist": "file"}
_ESTIMATING = {"mp3", "aac", "amr", "mpegts", "mpeg"}  # no length in the file: FFmpeg guesses one
_CLOCKED = {"mpegts", "mpeg"}  # their time is a clock's, which starts anywhere
_COVER = av.stream.Disposition.attached_pic
_MACHINE = {errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EIO, errno.EACCES, errno.ENOENT}
_MICROSECONDS = 1_000_000  # a second, as containers count


def open_container(source: Source) -> av.container.InputContainer:
    """Raises `DecodeError` for what is no media file, `OSError` for what the machine lacks."""
    # the absolute path, since FFmpeg takes `a:b` for a protocol
    where = io.BytesIO(source) if isinstance(source, bytes) else str(source.absolute())
    try:
        return av.open(where, container_options=_OPTIONS, metadata_errors="replace")
    except (av.FFmpegError, ValueError) as error:
        raise damage("not a readable media file, as mp4, webm or wav would be", error) from error


def choose_streams(
    container: av.container.InputContainer, *, sound: bool, picture: bool
) -> tuple[av.AudioStream | None, av.VideoStream | None]:
    """The streams that are asked for, None for one that is not; those that FFmpeg judges best.

    Not the first of each kind: that may be a cover picture, which is no picture at all. Raises
    `MissingStreamError` where one is not there, `DecodeError` where it is nothing to decode.
    """
    audio = container.streams.best("audio") if sound else None
    video = container.streams.best("video") if picture else None
    if video is not None and video.disposition & _COVER:
        video = None
    if sound and audio is None:
        raise MissingStreamError("sound")
    if picture and video is None:
        raise MissingStreamError("picture")
    for what, stream in (("sound", audio), ("picture", video)):
        if stream is not None and stream.codec_context is None:
            raise DecodeError(f"the {what} is in a format that FFmpeg does not know")
    if audio is not None and audio.rate not in _RATES:
        raise DecodeError(
            f"sound of {audio.rate} samples a second, expected {_RATES[0]} to {_RATES[-1]}"
        )
    if video is not None:
        _limit_picture(video)
    return audio, video


def _limit_picture(video: av.VideoStream) -> None:
    if max(video.width, video.height) > MAX_SIDE:
        raise DecodeError(f"picture of {video.width} x {video.height}, at most {MAX_SIDE} a side")
    video.codec_context.thread_count = 1  # clips are prepared side by side
    video.codec_context.options = {"max_pixels": str(MAX_SIDE**2)}  # whatever the container says


def declared_seconds(
    container: av.container.InputContainer, stream: av.stream.Stream
) -> float | None:
    """The length that the file says a stream has; None where it says none."""
    if container.format.name in _ESTIMATING:
        return None
    return seconds_of(stream.duration, stream)


def first_second(container: av.container.InputContainer) -> float:
    """The time that the file's clock shows at its start, to be taken off all of its times."""
    if container.format.name not in _CLOCKED or container.start_time is None:
        return 0.0
    return container.start_time / _MICROSECONDS


def length(source: Source) -> float:
    """Seconds that a file lasts, however long; where it does not say so its packets are counted.

    Raises what `open_container` does, and `DecodeError` where there is nothing in it that lasts.
    """
    with open_container(source) as container:
        if container.duration and container.format.name not in _ESTIMATING:
            return container.duration / _MICROSECONDS
        zero, last = first_second(container), 0.0
        try:
            for packet in container.demux():
                if (start := seconds_of(packet.pts, packet)) is not None:
                    last = max(last, start + (seconds_of(packet.duration, packet) or 0.0) - zero)
        except (av.FFmpegError, ValueError) as error:
            raise damage("cannot be read to its end", error) from error
    if not last:
        raise DecodeError("empty: neither sound nor picture in it")
    return last


def seconds_of(ticks: int | None, clock: av.stream.Stream | av.Packet) -> float | None:
    """A number of ticks of this clock in seconds; None where one of the two is not known."""
    return None if ticks is None or not clock.time_base else float(ticks * clock.time_base)


def require_short(seconds: float | None, longest: float) -> None:
    """Raise `TooLongError` for more than a clip may last: a film must not fill the memory."""
    if seconds is not None and seconds > longest:
        raise TooLongError(f"longer than {longest:g} s, the most that one clip may last")


def require_whole(
    what: str,
    seconds: float,
    container: av.container.InputContainer,
    stream: av.stream.Stream,
    *,
    spare: float = 0.0,
) -> None:
    """Raise `DecodeError` where a file broke off: it keeps its declared length, and holds less.

    spare: seconds that may lack, beside a tenth.
    """
    declared = declared_seconds(container, stream)
    if declared and seconds + spare < _COMPLETE * declared - 0.1:
        raise DecodeError(f"cut off: {seconds:.2f} s of {what} of {declared:.2f} s")


def damage(what: str, error: Exception) -> Exception:
    """The clip's fault; unless the machine may be short of something, which is not to be kept."""
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    if getattr(error, "errno", None) in _MACHINE:
        return OSError(error.errno, f"{what} ({reason})")
    return DecodeError(f"{what} ({reason})")
