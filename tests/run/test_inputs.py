"""What a run says of the inputs that it prepared."""

from pathlib import Path

from ravdess_exp.corpus.clip import Clip
from ravdess_exp.run.inputs import _tell_identical_sound


class PreparedAs:
    """As `Prepared`, in which these clips are one recording."""

    def __init__(self, *clips: Clip) -> None:
        """Take the clips."""
        self.clips = clips

    def same_sound(self) -> list[list[str]]:
        """One group of all of them."""
        return [[clip.name for clip in self.clips]]


def _clip(name: str, speaker: str, emotion: str) -> Clip:
    return Clip((0, 0, 0), f"{name}.wav", Path(f"{name}.wav"), speaker, emotion, None)


def test_one_sound_of_two_labels_is_said(caplog):
    clips = [_clip("a", "ann", "sad"), _clip("b", "ann", "angry"), _clip("c", "bob", "sad")]
    caplog.set_level("INFO")
    _tell_identical_sound(PreparedAs(clips[0], clips[0]))
    assert "identical sound" in caplog.text and "one sound of" not in caplog.text
    _tell_identical_sound(PreparedAs(*clips))
    assert "one sound of 2 emotions: sad (a.wav) and angry (b.wav)" in caplog.text
    assert "one sound of 2 speakers: ann (a.wav) and bob (c.wav)" in caplog.text
