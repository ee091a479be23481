"""A long file, window by window."""

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import ravdess_exp
from ravdess_exp.errors import ConfigError
from ravdess_exp.media.decode import Recording
from ravdess_exp.predict.stream import predict_windows
from ravdess_exp.predict.windows import windows
from tests.helpers.media_files import write_media


@pytest.mark.parametrize(
    ("whole", "seconds", "step", "expected"),
    [
        (10, 4, 2, [(0, 4), (2, 6), (4, 8), (6, 10)]),
        (10.5, 4, 2, [(0, 4), (2, 6), (4, 8), (6, 10), (8, 10.5)]),
        (3, 4, 2, [(0, 3)]),
        (9, 2, 4, [(0, 2), (4, 6), (8, 9)]),
        (0.3, 0.1, 0.1, [(0, 0.1), (0.1, 0.2), (0.2, 0.3)]),
    ],
)
def test_windows_cover_the_file(whole, seconds, step, expected):
    found = list(windows(whole, seconds=seconds, step=step))
    assert [pytest.approx(pair) for pair in expected] == found


@pytest.mark.parametrize(
    ("seconds", "step", "reason"),
    [
        (0, None, "windows of 0 s: expected more than 0"),
        (61, None, "windows of 61 s: expected more than 0, at most 60"),
        (301, None, "windows of 301 s: expected more than 0, at most 300"),
        (float("nan"), None, "windows of nan s"),
        (4, 0, "a step of 0 s: expected more than 0"),
        (4, -1, "a step of -1 s"),
        (4, float("nan"), "a step of nan s"),
    ],
)
def test_a_window_that_cannot_be_is_refused(seconds, step, reason):
    with pytest.raises(ConfigError, match=reason):
        longest = 60.0 if seconds == 61 else 300.0
        bundle = SimpleNamespace(
            recipe=SimpleNamespace(longest=longest)
        )  # as its clips were limited
        predictor = SimpleNamespace(bundle=bundle)
        next(predict_windows(predictor, "clip.mp4", seconds=seconds, step=step))


@pytest.fixture(scope="module")
def meeting(corpus, tmp_path_factory):
    """Three talking clips of four seconds each, then four seconds of silence, then no face."""
    parts, pictures = [], []
    for name in ("01-01-03-01-01-01-03", "01-01-05-01-01-01-03", "01-01-04-01-01-01-03"):
        with Recording(corpus / "Actor_03" / f"{name}.mp4") as recording:
            sound = recording.sound(48_000)[: 4 * 48_000]
            times = np.minimum(np.arange(60) / 15, recording.seconds[1])
            frames = recording.frames(times)
        parts.append(np.pad(sound, (0, 4 * 48_000 - len(sound))))
        pictures.append(frames)
    parts += [np.zeros(4 * 48_000, np.float32), parts[0]]
    pictures += [pictures[0], np.full_like(pictures[0], 90)]
    path = tmp_path_factory.mktemp("meeting") / "meeting.mp4"
    return write_media(path, sound=np.concatenate(parts), frames=np.concatenate(pictures), fps=15)


@pytest.mark.slow
def test_a_time_line_with_a_reason_for_each_gap(trained, meeting, corpus):
    predictor = ravdess_exp.load(trained)
    line = list(predict_windows(predictor, meeting, seconds=4.0, step=4.0))
    assert [p.window[0] for p in line[:5]] == [0, 4, 8, 12, 16]
    assert [p.reason is None for p in line[:5]] == [True, True, True, False, False]
    assert "silent" in line[3].reason or "is not silence" in line[3].reason
    assert "no face found" in line[4].reason
    for window in line[:3]:
        assert window.window[0] <= window.interval[0] < window.interval[1] <= window.window[1]
    alone = predictor.predict(corpus / "Actor_03" / "01-01-05-01-01-01-03.mp4")
    np.testing.assert_allclose(line[1].probabilities, alone.probabilities, atol=0.05)
    assert line[0].probabilities != line[1].probabilities
    content = list(predict_windows(predictor, meeting.read_bytes(), seconds=4.0, step=4.0))
    assert [p.probabilities for p in content] == [p.probabilities for p in line]


@pytest.mark.slow
def test_half_a_window_is_the_step(trained, meeting):
    line = list(predict_windows(ravdess_exp.load(trained), meeting, seconds=8.0))
    assert [p.window[0] for p in line][:4] == [0, 4, 8, 12]


@pytest.mark.slow
def test_a_file_that_cannot_be_opened_is_one_failure(trained, tmp_path):
    (tmp_path / "t.mp4").write_text("no film")
    predictor = ravdess_exp.load(trained)
    for name, reason in (("t.mp4", "not a readable media file"), ("no.mp4", "No such file")):
        (only,) = predict_windows(predictor, tmp_path / name, seconds=4.0)
        assert reason in only.reason


MEMORY = """
import resource, sys
import ravdess_exp
from ravdess_exp.predict.stream import predict_windows
peaks = [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
         for _ in predict_windows(ravdess_exp.load(sys.argv[1]), sys.argv[2], seconds=4.0, step=9.0)]
print(len(peaks), peaks[len(peaks) // 10], peaks[-1])
"""


@pytest.mark.slow
def test_an_hour_takes_no_more_memory_than_some_minutes(hears, meeting, tmp_path):
    with Recording(meeting, picture=False) as recording:
        sound = np.tile(recording.sound(48_000), 60 * 3)
    path = write_media(tmp_path / "h.wav", sound=sound, container="wav", audio_codec="pcm_s16le")
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(hears), str(path)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    count, early, late = map(float, done.stdout.split())
    assert count > 390 and late - early < 60, "megabytes"
