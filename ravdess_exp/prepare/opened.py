"""The recording of a clip: a file, or the part of one that its corpus says it is."""

from pathlib import Path

from ravdess_exp.corpus.segment import Segment
from ravdess_exp.errors import DecodeError, MissingStreamError
from ravdess_exp.media.container import length
from ravdess_exp.media.decode import Recording

_SPARE = 0.1  # seconds that a segment may reach beyond its file: times are rounded, sound is padded


def open_clip(
    path: Path, segment: Segment | None, *, sound: bool = True, picture: bool, longest: float
) -> Recording:
    """An open recording, as `Recording` takes these; of a segment only the part is read.

    Raises what `Recording` does, and `DecodeError` for a segment that is not within its file.
    """
    needs = {"sound": sound, "picture": picture, "longest": longest}
    if segment is None:
        return Recording(path, **needs)
    end = segment.end
    if end is None:
        end = length(path)
        _require_within(segment, end)
    try:
        recording = Recording(path, segment=(segment.start, end), **needs)
    except MissingStreamError:
        raise
    except DecodeError:  # too long, perhaps, since it ends after the file
        _require_within(segment, length(path))
        raise
    if recording.read_until < end - _SPARE:  # seldom: a file's length may have to be counted
        try:
            _require_within(segment, length(path))
        except BaseException:
            recording.__exit__(None, None, None)
            raise
    return recording


def _require_within(segment: Segment, seconds: float) -> None:
    """Raise `DecodeError` for a segment that does not lie within so many seconds."""
    if segment.start >= seconds:
        raise DecodeError(
            f"the segment {segment.told()} starts after the file, which lasts {seconds:.2f} s; "
            "expected a start and an end within it"
        )
    if segment.end is not None and segment.end > seconds + _SPARE:
        raise DecodeError(
            f"the segment {segment.told()} ends after the file, which lasts {seconds:.2f} s; "
            "expected a start and an end within it"
        )
