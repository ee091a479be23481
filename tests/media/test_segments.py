"""What may be missing from a file, what kinds of file there are, and a part of a long one."""

import subprocess
import sys
from fractions import Fraction

import av
import numpy as np
import pytest

from ravdess_exp.errors import DecodeError, MissingStreamError, TooLongError
from ravdess_exp.media.container import length
from ravdess_exp.media.decode import Recording
from tests.helpers.media_files import RATE, numbered_frames, tone, write_media

SOUNDS = {  # container of FFmpeg's, by suffix, and a codec that goes into it
    "wav": ("wav", "pcm_s16le"),
    "aiff": ("aiff", "pcm_s16be"),
    "mp3": ("mp3", "mp3"),
    "flac": ("flac", "flac"),
    "ogg": ("ogg", "libopus"),
    "aac": ("adts", "aac"),
    "m4a": ("mp4", "aac"),
    "webm": ("webm", "libopus"),
    "au": ("au", "pcm_s16be"),
}
FILMS = {
    "mp4": ("mp4", "aac"),
    "mov": ("mov", "aac"),
    "mkv": ("matroska", "aac"),
    "avi": ("avi", "pcm_s16le"),
    "flv": ("flv", "aac"),
    "ts": ("mpegts", "aac"),
}


def counted(count: int, fps: int = 25, side: int = 64) -> np.ndarray:
    """Frames whose left half says the second they are of, and whose right half the frame in it."""
    frames = np.zeros((count, side, side, 3), np.uint8)
    for i, frame in enumerate(frames):
        frame[:, : side // 2] = 20 + 8 * (i // fps)
        frame[:, side // 2 :] = 20 + 8 * (i % fps)
    return frames


def number(frame: np.ndarray, fps: int = 25) -> int:
    """Which of `counted` it is."""
    half = frame.shape[1] // 2
    left, right = frame[:, : half - 4].mean(), frame[:, half + 4 :].mean()
    return round((left - 20) / 8) * fps + round((right - 20) / 8)


def sweep(seconds: float) -> np.ndarray:
    """A tone that rises by 100 Hz a second, so that each place sounds like no other."""
    time = np.arange(int(seconds * RATE)) / RATE
    return (0.5 * np.sin(2 * np.pi * (200 * time + 50 * time**2))).astype(np.float32)


def pitch(sound: np.ndarray, rate: int) -> float:
    """Frequency in Hz of the strongest tone."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * rate / len(sound))


@pytest.mark.parametrize("suffix", SOUNDS)
def test_sound_alone_in_every_container(tmp_path, suffix):
    container, codec = SOUNDS[suffix]
    path = write_media(
        tmp_path / f"a.{suffix}", sound=tone(), container=container, audio_codec=codec
    )
    with Recording(path, picture=False) as recording:
        sound = recording.sound(16_000)
    assert len(sound) == pytest.approx(1.6 * 16_000, rel=0.07)
    assert pitch(sound, 16_000) == pytest.approx(220, abs=2)
    with pytest.raises(MissingStreamError, match="no picture in the file"):
        Recording(path)


@pytest.mark.parametrize("suffix", FILMS)
def test_a_film_is_read_with_and_without_its_other_half(tmp_path, suffix):
    container, codec = FILMS[suffix]
    made = {"container": container, "audio_codec": codec}
    path = write_media(tmp_path / f"a.{suffix}", sound=tone(), frames=numbered_frames(40), **made)
    with Recording(path) as both, Recording(path, picture=False) as heard:
        np.testing.assert_array_equal(both.sound(RATE), heard.sound(RATE))
        with Recording(path, sound=False) as seen:
            np.testing.assert_array_equal(both.frames([0.2, 0.9]), seen.frames([0.2, 0.9]))
    silent = write_media(tmp_path / f"b.{suffix}", frames=numbered_frames(40), **made)
    with Recording(silent, sound=False) as seen:
        assert seen.frames([0.5]).shape == (1, 120, 160, 3)
    with pytest.raises(MissingStreamError, match="no sound in the file") as missing:
        Recording(silent)
    assert missing.value.missing == "sound"


def test_what_is_not_needed_is_not_decoded(tmp_path, monkeypatch):
    path = write_media(tmp_path / "a.mp4", sound=tone(), frames=numbered_frames(40))
    monkeypatch.setattr("ravdess_exp.media.decode.Picture", lambda *a, **k: pytest.fail("read"))
    Recording(path, picture=False)
    monkeypatch.undo()
    monkeypatch.setattr("ravdess_exp.media.decode.Sound", lambda *a, **k: pytest.fail("read"))
    Recording(path, sound=False)


def test_a_cover_is_no_picture(tmp_path):
    path = tmp_path / "song.mp3"
    with av.open(str(path), "w", format="mp3") as out:
        sound = out.add_stream("mp3", rate=RATE, layout="mono")
        cover = out.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 64, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        picture = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 200, np.uint8), format="rgb24")
        for packet in [*cover.encode(picture.reformat(format="yuvj420p")), *cover.encode()]:
            out.mux(packet)
        frame = av.AudioFrame.from_ndarray(tone()[None], format="fltp", layout="mono")
        frame.rate, frame.pts = RATE, 0
        for packet in [*sound.encode(frame), *sound.encode()]:
            out.mux(packet)
    with pytest.raises(MissingStreamError, match="no picture in the file"):
        Recording(path)
    with Recording(path, picture=False) as recording:
        assert pitch(recording.sound(16_000), 16_000) == pytest.approx(220, abs=2)


def test_the_bytes_of_a_file_are_read_like_the_file(clip_path):
    with Recording(clip_path) as file, Recording(clip_path.read_bytes()) as content:
        assert file.sound_digest() == content.sound_digest() and file.seconds == content.seconds
        np.testing.assert_array_equal(file.frames([0.5, 1.0]), content.frames([0.5, 1.0]))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no film",
        b"ffconcat version 1.0\nfile '/etc/hostname'\n",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n",
        b"<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'></MPD>",
        b"\x89PNG\r\n\x1a\n" + bytes(50),
        bytes(50_000),
    ],
    ids=["empty", "text", "concat", "hls", "dash", "png", "zeros"],
)
def test_what_is_no_media_is_not_opened(content):
    with pytest.raises(DecodeError, match="not a readable media file"):
        Recording(content, picture=False)


def write_interleaved(
    path, container: str, codec: str, seconds: int, side: int = 64, fps: int = 25
):
    """A film as recorders write it, sound and picture second by second."""
    frames, sound = counted(seconds * fps, fps, side), sweep(seconds)
    with av.open(str(path), "w", format=container) as out:
        options = {"preset": "medium", "bf": "2", "g": "100", "crf": "15"}
        video = out.add_stream("libx264", rate=fps, options=options)
        video.width = video.height = side
        video.pix_fmt = "yuv420p"
        audio = out.add_stream(codec, rate=RATE, layout="mono")
        for second in range(seconds):
            for i in range(second * fps, (second + 1) * fps):
                image = av.VideoFrame.from_ndarray(frames[i], format="rgb24")
                image.pts, image.time_base = i, Fraction(1, fps)
                out.mux(video.encode(image))
            part = sound[second * RATE : (second + 1) * RATE]
            heard = av.AudioFrame.from_ndarray(part[None], format="flt", layout="mono")
            heard.rate, heard.pts, heard.time_base = RATE, second * RATE, Fraction(1, RATE)
            out.mux(audio.encode(heard))
        for stream in (video, audio):
            out.mux(stream.encode())
    return path


@pytest.fixture(scope="module")
def long_files(tmp_path_factory) -> dict:
    """28 seconds in each container; films have a key frame every four seconds."""
    folder = tmp_path_factory.mktemp("long")
    made = {}
    for suffix, (container, codec) in FILMS.items():
        made[suffix] = write_interleaved(folder / f"a.{suffix}", container, codec, 28)
    for suffix, (container, codec) in SOUNDS.items():
        made[f"sound.{suffix}"] = write_media(
            folder / f"b.{suffix}", sound=sweep(28), container=container, audio_codec=codec
        )
    return made


def apart(part: np.ndarray, whole: np.ndarray, at: int) -> float:
    """How far a part lies from the whole there; mkv and flv round the times of sound to 1 ms."""
    shifts = range(max(0, at - 96), at + 97)
    return min(float(np.abs(part - whole[i : i + len(part)]).max()) for i in shifts)


@pytest.mark.parametrize("suffix", FILMS)
@pytest.mark.parametrize("start", [0.0, 0.3, 6.9, 13.37, 24.5])
def test_a_segment_is_that_part_of_the_whole(long_files, suffix, start):
    path, end = long_files[suffix], start + 3.0
    times = [start + 0.02, start + 1.5, end - 0.06]
    with Recording(path) as whole, Recording(path, segment=(start, end)) as part:
        sound, rate = whole.sound(RATE), whole.rate
        late = max(0.0, whole.sound_start - start)  # flv begins with the encoder's delay
        assert part.sound_start == pytest.approx(start + late, abs=1 / rate)
        first = round((part.sound_start - whole.sound_start) * rate)
        heard = part.sound(RATE)
        assert len(heard) == pytest.approx((3.0 - late) * rate, abs=0.03 * rate)
        assert apart(heard[rate // 10 : -rate // 10], sound, first + rate // 10) < 1e-3
        np.testing.assert_array_equal(part.frames(times), whole.frames(times))
        shown, last = part.seconds
        assert start <= shown < start + late + 0.05 and end - 0.09 < last < end


@pytest.mark.parametrize("suffix", SOUNDS)
@pytest.mark.parametrize("start", [0.0, 13.37, 24.5])
def test_a_segment_of_sound_alone(long_files, suffix, start):
    path = long_files[f"sound.{suffix}"]
    with Recording(path, picture=False, segment=(start, start + 3.0)) as part:
        assert part.sound_start == pytest.approx(start, abs=0.03)
        middle = part.sound(16_000)[24_000 - 4_000 : 24_000 + 4_000]
    assert pitch(middle, 16_000) == pytest.approx(200 + 100 * (start + 1.5), abs=8)


@pytest.mark.parametrize("name", [*FILMS, *(f"sound.{suffix}" for suffix in SOUNDS)])
def test_how_long_a_file_is(long_files, name):
    assert length(long_files[name]) == pytest.approx(28.0, abs=0.15)


def test_a_segment_behind_the_end_is_empty(long_files):
    for suffix in FILMS:
        with pytest.raises(DecodeError, match="stream is empty"):
            Recording(long_files[suffix], segment=(40.0, 44.0))


def test_what_is_longer_than_a_clip_is_read_in_parts_alone(tmp_path):
    path = write_media(
        tmp_path / "a.mp4", sound=sweep(70), frames=numbered_frames(1).repeat(70, 0), fps=1
    )
    for content in (path, path.read_bytes()):
        with pytest.raises(TooLongError, match="longer than 60 s, the most that one clip may last"):
            Recording(content, longest=60.0)
        with pytest.raises(TooLongError):
            Recording(content, longest=60.0, segment=(1.0, 62.0))
        with Recording(content) as whole:  # how long a clip may be is the corpus's to say
            assert len(whole.sound(RATE)) == pytest.approx(70 * RATE, abs=2000)
        with Recording(content, segment=(64.0, 68.0)) as part:
            assert part.sound_start == pytest.approx(64.0, abs=0.001)
            assert len(part.sound(RATE)) == pytest.approx(4 * RATE, abs=2)


MEMORY = """
import resource, sys
from pathlib import Path
from ravdess_exp.media.container import length
from ravdess_exp.media.decode import Recording
path = Path(sys.argv[1])
peaks = []
for start in range(0, int(length(path)) - 4, 60):
    with Recording(path, segment=(start, start + 4.0)) as part:
        part.sound(16_000), part.frames([start + 1.0])
    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
print(len(peaks), peaks[0], peaks[-1])
"""


@pytest.mark.slow
def test_an_hour_takes_no_more_memory_than_a_minute(tmp_path):
    frames = np.broadcast_to(numbered_frames(1, 64, 48), (3600, 48, 64, 3))
    sound = np.tile(sweep(10), 360)
    path = write_media(tmp_path / "hour.mp4", sound=sound, frames=frames, fps=1)
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(path)], capture_output=True, text=True, check=True
    )
    count, first, last = map(float, done.stdout.split())
    assert count == 60 and last - first < 30, "megabytes"
