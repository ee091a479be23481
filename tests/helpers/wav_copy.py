"""The sound of clips as wav files under RAVDESS's names: the copy of the corpus that most people have."""

import wave
from collections.abc import Iterable
from pathlib import Path

import av
import numpy as np

from ravdess_exp.corpus.clip import Clip


def write_wavs(clips: Iterable[Clip], root: Path) -> Path:
    """Write `03-...wav` for every clip, a folder a speaker, at the clip's own rate in 16 bits."""
    for clip in clips:
        folder = root / f"Actor_{int(clip.speaker):02d}"
        folder.mkdir(parents=True, exist_ok=True)
        with av.open(str(clip.path)) as container:
            stream = container.streams.audio[0]
            rate = stream.rate
            to_pcm = av.AudioResampler(format="s16", layout="mono", rate=rate)
            frames = [part for frame in container.decode(stream) for part in to_pcm.resample(frame)]
            frames += to_pcm.resample(None)
        samples = np.concatenate([frame.to_ndarray().ravel() for frame in frames])
        with wave.open(str(folder / f"03-{clip.path.stem[3:]}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(samples.astype("<i2").tobytes())
    return root
