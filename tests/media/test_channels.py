"""Several channels to one."""

import numpy as np
import pytest

from ravdess_exp.media import channels
from ravdess_exp.media.channels import Channels
from ravdess_exp.media.decode import Recording
from tests.helpers.media_files import RATE, tone, write_media


def mono(samples: np.ndarray, chunk: int = 1000) -> np.ndarray:
    """samples: (n, channels)."""
    made = Channels()
    for start in range(0, len(samples), chunk):
        made.add(samples[start : start + chunk].astype(np.float32))
    return made.mono()


@pytest.fixture
def voice(rng) -> np.ndarray:
    return rng.normal(0, 0.1, 20_000).astype(np.float32)


@pytest.mark.parametrize(
    "opposed", [[1, -1], [-1, 1], [1, -0.8], [1, 1, -1, -1], [0, 1, -1, 1, 1, -1]]
)
def test_channels_that_cancel_each_other_are_turned_over(voice, opposed):
    made = mono(voice[:, None] * np.array(opposed))
    level = np.abs(opposed).mean() * voice.std()
    assert made.std() == pytest.approx(level, rel=1e-4)


def test_an_offset_of_each_channel_is_no_part_of_it(voice):
    """Opposite offsets are not opposite sounds; equal offsets do not hide that sounds are."""
    together = mono(np.stack([voice + 0.4, voice - 0.4], axis=1))
    np.testing.assert_allclose(together, voice, atol=1e-6)
    against = mono(np.stack([voice + 0.4, -voice + 0.4], axis=1))
    assert against.std() == pytest.approx(voice.std(), rel=1e-4)


@pytest.mark.parametrize("made_of", ["equal", "one silent", "unrelated", "mono", "six"])
def test_others_are_averaged_as_ever(voice, rng, made_of):
    sound = {
        "equal": [voice, voice],
        "one silent": [voice, 0 * voice],
        "unrelated": [voice, rng.normal(0, 0.1, len(voice))],
        "mono": [voice],
        "six": rng.normal(0, 0.1, (6, len(voice))),
    }[made_of]
    samples = np.stack(sound, axis=1).astype(np.float32)
    np.testing.assert_array_equal(mono(samples), samples.T.mean(axis=0))


def test_what_is_too_much_to_hold_is_decided_by_its_beginning(voice, monkeypatch):
    samples = voice[:, None] * np.array([1, -1])
    whole = mono(samples)
    monkeypatch.setattr(channels, "_MOST_HELD", 5000)
    np.testing.assert_array_equal(mono(samples), whole)


@pytest.mark.parametrize(("container", "codec"), [("wav", "pcm_s16le"), ("mp4", "aac")])
def test_a_file_with_one_lead_exchanged(tmp_path, container, codec):
    sound = np.stack([tone(0.5), -tone(0.5)])
    path = write_media(
        tmp_path / "a", sound=sound, layout="stereo", container=container, audio_codec=codec
    )
    with Recording(path, picture=False) as recording:
        assert np.abs(recording.sound(RATE)).max() == pytest.approx(0.5, abs=0.05)
