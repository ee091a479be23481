"""No frame is lost that plain decoding gives, in any codec that there is an encoder for here."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from ravdess_exp.media.container import first_second
from ravdess_exp.media.decode import Recording
from tests.helpers.media_files import tone, write_media

COUNT = 24
FILMS = ("matroska", "avi", "mp4", "mov", "mpegts", "flv", "asf", "mpeg")
NOT_FLASH = tuple(film for film in FILMS if film != "flv")
HEVC = ("matroska", "mp4", "mov", "mpegts", "flv", "mpeg")
H264 = {
    "b": {"preset": "medium", "bf": "3"},
    "pyramid": {"preset": "medium", "x264-params": "bframes=8:b-pyramid=normal:b-adapt=0"},
    "open": {"preset": "medium", "x264-params": "open-gop=1:keyint=8:bframes=4:b-adapt=0"},
    "refresh": {"preset": "medium", "x264-params": "intra-refresh=1:keyint=8"},
    "lines": {"preset": "medium", "flags": "+ildct+ilme", "x264-params": "tff=1"},
    "at once": {"preset": "medium", "tune": "zerolatency"},
}
LAYERS = {"preset": "medium", "x265-params": "temporal-layers=3:bframes=4:log-level=none"}
OTHERS = [  # encoder, its options, pixels, containers
    ("libx265", {"preset": "medium", "x265-params": "log-level=none"}, "yuv420p", HEVC),
    ("libx265", LAYERS, "yuv420p", ("mp4",)),
    ("libx264rgb", {"preset": "medium"}, "rgb24", ("mp4", "avi")),
    ("libvpx", {"auto-alt-ref": "1", "lag-in-frames": "16"}, "yuv420p", ("webm", "avi")),
    ("libvpx-vp9", {"auto-alt-ref": "1", "lag-in-frames": "16"}, "yuv420p", ("webm", "mp4")),
    ("libsvtav1", {"preset": "12"}, "yuv420p", ("mp4", "matroska")),
    ("mpeg4", {"bf": "2"}, "yuv420p", NOT_FLASH),
    ("mpeg2video", {"bf": "2"}, "yuv420p", NOT_FLASH),
    ("mpeg1video", {"bf": "2"}, "yuv420p", NOT_FLASH),
    ("wmv2", {}, "yuv420p", ("asf", "avi")),
    ("msmpeg4", {}, "yuv420p", ("avi",)),
    ("flv", {}, "yuv420p", ("flv",)),
    ("mjpeg", {}, "yuvj420p", ("avi", "mov")),
    ("prores_ks", {}, "yuv422p10le", ("mov",)),
    ("ffv1", {}, "yuv420p", ("matroska", "avi")),
    ("huffyuv", {}, "yuv422p", ("avi",)),
    ("utvideo", {}, "yuv420p", ("avi",)),
    ("png", {}, "rgb24", ("mov", "avi")),
    ("cinepak", {}, "rgb24", ("avi",)),
    ("svq1", {}, "yuv410p", ("mov",)),
    ("snow", {}, "yuv420p", ("avi",)),
    ("qtrle", {}, "rgb24", ("mov",)),
    ("zmbv", {}, "bgr0", ("avi",)),
    ("rawvideo", {}, "yuv420p", ("avi", "matroska")),
]
TABLE = [("libx264", options, "yuv420p", films) for options in H264.values() for films in [FILMS]]
CASES = [
    pytest.param(film, codec, options, pixels, id=f"{codec}-{film}-{''.join(options.values())}")
    for codec, options, pixels, films in [*TABLE, *OTHERS]
    for film in films
]


def moving() -> np.ndarray:
    """Something goes across a pattern, and the light changes once: (COUNT, 64, 96, 3) uint8."""
    rng = np.random.default_rng(0)
    pattern = np.kron(rng.integers(0, 200, (16, 24, 3)), np.ones((8, 8, 1))).astype(np.uint8)
    frames = np.stack([np.roll(pattern, (2 * i, 3 * i), (0, 1))[:64, :96] for i in range(COUNT)])
    for i, frame in enumerate(frames):
        frame[20:40, 3 * i : 3 * i + 16] = 10 * i
    frames[COUNT // 2 :] += 50
    return frames


def plain(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [f.to_ndarray(format="rgb24") for f in container.decode(video=0)]


def times(path: Path, count: int) -> list[float]:
    """When each of its frames is shown; they come in that order, whatever time they are given."""
    with av.open(str(path)) as container:
        zero = first_second(container)
        known = [frame.time for frame in container.decode(video=0)]
    if None not in known:
        known = [time - zero for time in sorted(known)]
        return [t + 0.04 * (i > 0 and t == known[i - 1]) for i, t in enumerate(known)]
    with Recording(path, sound=False) as recording:
        return np.linspace(*recording.seconds, count).tolist()


@pytest.mark.parametrize(("film", "codec", "options", "pixels"), CASES)
def test_each_frame_is_that_of_plain_decoding(tmp_path, film, codec, options, pixels):
    path = write_media(
        tmp_path / "a",
        frames=moving(),
        container=film,
        video_codec=codec,
        options=options,
        pix_fmt=pixels,
        clock=25,
    )
    expected = plain(path)
    assert len(expected) >= COUNT - 1  # some encoders keep one back
    when = times(path, len(expected))
    for wanted in (range(len(expected)), range(2, len(expected), 7), [5], [len(expected) - 1]):
        with Recording(path, sound=False) as recording:
            frames = recording.frames([when[i] for i in wanted])
        for i, frame in zip(wanted, frames, strict=True):
            np.testing.assert_array_equal(frame, expected[i])


def test_what_an_edit_list_leaves_out_is_not_waited_for(tmp_path):
    """Cut without encoding: the frames before the cut are there, and are not shown."""
    whole = write_media(tmp_path / "whole.mp4", frames=moving(), options=H264["pyramid"])
    path = tmp_path / "a.mp4"
    with av.open(str(whole)) as source, av.open(str(path), "w") as out:
        (stream,) = source.streams
        copied = out.add_stream_from_template(stream)
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = copied
                cut = round(0.4 / stream.time_base)
                packet.pts, packet.dts = packet.pts - cut, packet.dts - cut
                out.mux(packet)
    expected = plain(path)
    assert len(expected) == COUNT - 10
    with Recording(path, sound=False) as recording:
        first, last = recording.seconds
        frames = recording.frames(np.linspace(first, last, len(expected)))
    np.testing.assert_array_equal(frames, expected)


def test_a_film_that_begins_between_two_key_frames(tmp_path):
    whole = write_media(
        tmp_path / "whole.ts", frames=moving(), options=H264["open"], container="mpegts"
    )
    path = tmp_path / "a.ts"
    with av.open(str(whole)) as source, av.open(str(path), "w", format="mpegts") as out:
        copied = out.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(source.demux()):
            if packet.dts is not None and number > 2:
                packet.stream = copied
                out.mux(packet)
    expected = plain(path)
    with Recording(path, sound=False) as recording:
        np.testing.assert_array_equal(recording.frames([99.0])[0], expected[-1])


def test_the_last_frame_may_be_shown_for_long(tmp_path):
    """A still at the end is not a file that broke off."""
    when = np.array([*np.arange(COUNT - 1) / 25, 1.0])
    path = write_media(tmp_path / "a.mkv", frames=moving(), times=when, container="matroska")
    with av.open(str(path)) as source, av.open(str(tmp_path / "b.mp4"), "w") as out:
        copied = out.add_stream_from_template(source.streams.video[0])
        for packet in [p for p in source.demux() if p.dts is not None]:
            if packet.pts == 1000:
                packet.duration = 3000
            packet.stream = copied
            out.mux(packet)
    with Recording(tmp_path / "b.mp4", sound=False) as recording:
        assert recording.seconds == pytest.approx((0, 1), abs=0.01)


def test_a_second_question_is_answered_like_the_first(clip_path):
    with Recording(clip_path) as recording:
        np.testing.assert_array_equal(recording.frames([0.4, 1.0]), recording.frames([0.4, 1.0]))


def test_sound_and_picture_stay_together_where_times_are_invented(tmp_path):
    path = write_media(
        tmp_path / "a.avi",
        sound=tone(0.4),
        frames=moving(),
        container="avi",
        audio_codec="pcm_s16le",
        clock=25,
        options=H264["b"],
    )
    with Recording(path) as recording:
        first, last = recording.seconds
    assert first <= 2 / 25 and last - first == pytest.approx(float(Fraction(COUNT - 1, 25)))
