"""One pass over a file: what comes out, and what is refused by name."""

import av
import numpy as np
import pytest

from ravdess_exp.errors import DecodeError
from ravdess_exp.media.decode import Recording
from tests.helpers.media_files import RATE, numbered_frames, tone, write_media


def levels(frames: np.ndarray) -> list[int]:
    """Which of `numbered_frames` these are."""
    return [round((frame.mean() - 20) / 5) for frame in frames]


def every_frame(path) -> dict[float, np.ndarray]:
    """All frames by time, decoded the plain way."""
    with av.open(str(path)) as container:
        return {f.time: f.to_ndarray(format="rgb24") for f in container.decode(video=0)}


def test_the_frames_nearest_to_the_times(tmp_path):
    path = write_media(tmp_path / "a.mp4", sound=tone(), frames=numbered_frames(40))
    with Recording(path) as recording:
        frames = recording.frames([0.0, 0.41, 0.43, 1.0, 9.0])
    assert frames.shape == (5, 120, 160, 3) and frames.dtype == np.uint8
    assert levels(frames) == [0, 10, 11, 25, 39]


def test_skipping_frames_changes_nothing(tmp_path, rng):
    """Frames that no one asked for are skipped while decoding; the others stay what they were."""
    moving = rng.integers(0, 255, (40, 120, 160, 3), dtype=np.uint8)
    options = {"preset": "medium", "bf": "3", "g": "100"}
    path = write_media(tmp_path / "a.mp4", sound=tone(), frames=moving, options=options)
    plain = every_frame(path)
    times = [0.12, 0.52, 0.56, 1.24]
    with Recording(path) as recording:
        frames = recording.frames(times)
    for time, frame in zip(times, frames, strict=True):
        nearest = min(plain, key=lambda t: abs(t - time))
        np.testing.assert_array_equal(frame, plain[nearest])


def test_skipping_frames_changes_nothing_on_real_clips(ravdess_root):
    path = sorted(ravdess_root.rglob("*.mp4"))[3]
    plain = every_frame(path)
    times = sorted(plain)[7:70:9]
    with Recording(path) as recording:
        frames = recording.frames(times)
    for time, frame in zip(times, frames, strict=True):
        np.testing.assert_array_equal(frame, plain[time])


def test_sound_is_mono_at_the_rate_asked_for(tmp_path):
    path = write_media(tmp_path / "a.mp4", sound=tone(1.0), frames=numbered_frames(40))
    with Recording(path) as recording:
        assert recording.rate == RATE
        sound = recording.sound(16_000)
    assert sound.dtype == np.float32 and sound.ndim == 1
    assert len(sound) == pytest.approx(1.6 * 16_000, rel=0.03)
    spectrum = np.abs(np.fft.rfft(sound))
    assert np.argmax(spectrum) * 16_000 / len(sound) == pytest.approx(220, abs=2)


def test_stereo_is_averaged(tmp_path):
    left = tone()
    stereo = np.stack([left, 0 * left])
    path = write_media(
        tmp_path / "a.mp4", sound=stereo, frames=numbered_frames(40), layout="stereo"
    )
    with Recording(path) as recording:
        sound = recording.sound(RATE)
    assert np.abs(sound).max() == pytest.approx(0.25, abs=0.03)


def test_sound_digest_is_of_the_sound_not_of_the_file(tmp_path):
    sound = tone()
    one = write_media(tmp_path / "a.mp4", sound=sound, frames=numbered_frames(40))
    two = write_media(tmp_path / "b.mp4", sound=sound, frames=numbered_frames(45))
    other = write_media(tmp_path / "c.mp4", sound=tone() * 0.9, frames=numbered_frames(40))
    digests = []
    for path in (one, two, other):
        with Recording(path) as recording:
            digests.append(recording.sound_digest())
    assert digests[0] == digests[1] != digests[2]


def test_the_identical_pair_of_ravdess_is_found_by_content(ravdess_root):
    names = ("01-01-03-01-02-01-07", "01-01-03-01-02-02-07", "01-01-03-01-01-01-07")
    paths = [ravdess_root / "Actor_07" / f"{name}.mp4" for name in names]
    if not all(path.exists() for path in paths):
        pytest.skip("actor 7 is not in this corpus")
    digests = []
    for path in paths:
        with Recording(path) as recording:
            digests.append(recording.sound_digest())
    assert digests[0] == digests[1] != digests[2]


def test_variable_frame_rate_goes_by_time(tmp_path):
    times = np.concatenate([np.arange(10) * 0.02, 0.5 + np.arange(10) * 0.1])
    path = write_media(tmp_path / "a.mp4", sound=tone(), frames=numbered_frames(20), times=times)
    with Recording(path) as recording:
        assert levels(recording.frames([0.1, 0.3, 0.92])) == [5, 9, 14]


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_rotated_video_is_turned_upright(tmp_path, rotation):
    picture = np.zeros((120, 160, 3), np.uint8)
    picture[:40, :60] = 250  # bright top left
    frames = np.repeat(picture[None], 30, axis=0)
    path = write_media(tmp_path / "a.mp4", sound=tone(), frames=frames, rotation=rotation)
    with Recording(path) as recording:
        (frame,) = recording.frames([0.5])
    expected = np.rot90(picture, rotation // 90)
    assert frame.shape == expected.shape
    assert np.abs(frame.astype(int) - expected).mean() < 8


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda p: p.write_bytes(b""), "not a readable media file"),
        (lambda p: p.write_text("this is a text file"), "not a readable media file"),
        (lambda p: write_media(p, frames=numbered_frames(30)), "no sound in the file"),
        (lambda p: write_media(p, sound=tone()), "no picture in the file"),
        (
            lambda p: write_media(p, sound=tone(5.5), frames=numbered_frames(40)),
            "longer than 6 s",
        ),
    ],
    ids=["empty", "text", "silent movie", "sound only", "a film"],
)
def test_what_is_no_clip_is_refused_by_name(tmp_path, make, reason):
    path = tmp_path / "a.mp4"
    make(path)
    with pytest.raises(DecodeError, match=reason):
        Recording(path, longest=6.0)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_truncated_file_is_refused(clip_path, tmp_path, share):
    whole = clip_path.read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(DecodeError, match="not a readable media file"):
        Recording(cut)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.8])
def test_a_truncated_file_with_its_index_in_front_is_refused(tmp_path, rng, share):
    """A download that broke off: the index promises more than is there."""
    noise = rng.integers(0, 255, (50, 120, 160, 3), dtype=np.uint8)
    path = write_media(tmp_path / "a.mp4", sound=tone(1.4), frames=noise)
    fast = tmp_path / "fast.mp4"
    with (
        av.open(str(path)) as source,
        av.open(str(fast), "w", options={"movflags": "faststart"}) as out,
    ):
        streams = {s: out.add_stream_from_template(s) for s in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream]
                out.mux(packet)
    whole = fast.read_bytes()
    fast.write_bytes(whole[: int(len(whole) * share)])
    with (
        pytest.raises(DecodeError, match="cut off|cannot be decoded|not a readable"),
        Recording(fast) as recording,
    ):
        recording.frames([0.1, 1.9])


def test_not_a_number_in_the_sound(tmp_path):
    sound = tone()
    sound[1000] = np.nan
    path = write_media(
        tmp_path / "a.mkv",
        sound=sound,
        frames=numbered_frames(40),
        container="matroska",
        audio_codec="pcm_f32le",
    )
    with Recording(path) as recording, pytest.raises(DecodeError, match="not numbers"):
        recording.sound(16_000)
