"""Write the demo corpus: which clips there are, how strongly each shows, and the mp4 files."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import joblib
import numpy as np
import soxr

from ravdess_exp.corpus.demo import face, voice
from ravdess_exp.corpus.ravdess.labels import ACTORS, EMOTIONS, INTENSITIES, REPETITIONS, STATEMENTS
from ravdess_exp.errors import CorpusError, OutputError
from ravdess_exp.terminal import progress_bar

_VERSION = 1  # raise it when clips come out differently
_MARKER = "demo.json"
_FPS = 15
_FILE_RATE = 48_000  # Hz, as RAVDESS's

# An actor does not always get an emotion across, and not in voice and face alike. With these
# shares a clip shows it weakly, or as something between it and the emotion it is mistaken for;
# both are drawn for each channel on its own, and the mistakes differ. So neither channel is enough
# and the two together nearly are.
_UNCLEAR_VOICE = (0.14, 0.16)  # weak, mistaken
_UNCLEAR_FACE = (0.18, 0.22)  # more, since a face is easier to read than a voice
_MISTAKES_IN_VOICE = {
    "happy": "surprised",
    "surprised": "happy",
    "angry": "happy",
    "fearful": "sad",
    "sad": "fearful",
    "disgust": "neutral",
    "neutral": "disgust",
    "calm": "disgust",
}
_MISTAKES_IN_FACE = {
    "happy": "neutral",
    "surprised": "fearful",
    "fearful": "surprised",
    "angry": "disgust",
    "disgust": "angry",
    "sad": "neutral",
    "neutral": "sad",
    "calm": "sad",
}


@dataclass(frozen=True)
class Trial:
    """One clip to be made."""

    emotion: int
    intensity: int
    statement: int
    repetition: int
    actor: int

    @property
    def path(self) -> Path:
        """Relative to the corpus, as RAVDESS names and nests it."""
        codes = (1, 1, self.emotion, self.intensity, self.statement, self.repetition, self.actor)
        name = "-".join(f"{code:02d}" for code in codes)
        return Path(f"Actor_{self.actor:02d}", f"{name}.mp4")


def generate_demo(
    root: Path,
    *,
    clips_per_actor: int = 20,
    seed: int = 0,
    n_jobs: int = -1,
    progress: bool = True,
) -> Path:
    """Write what is missing of the demo corpus under `root`, and return `root`.

    24 actors, `clips_per_actor` (8 to 60) each. Every clip depends on its name and `seed` alone.
    Raises `CorpusError` where `root` holds another corpus, which is left as it is.
    """
    marker = root / _MARKER
    wanted = {"version": _VERSION, "seed": seed, "clips_per_actor": clips_per_actor}
    found = _read_marker(root, marker)
    if found == wanted | {"complete": True}:
        return root
    if found is not None and found | wanted != found:
        raise CorpusError(
            f"{root}: holds a demo corpus made with {found}, not with {wanted}; remove the folder "
            "or set data.root to another one"
        )
    try:
        root.mkdir(parents=True, exist_ok=True)
        _write_marker(marker, wanted)
        missing = [t for t in trials(clips_per_actor) if not (root / t.path).exists()]
        jobs = min(joblib.effective_n_jobs(n_jobs), max(1, len(missing)))
        made = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered")(
            joblib.delayed(write_clip)(trial, root, seed) for trial in missing
        )
        for _ in progress_bar(made, total=len(missing), label="demo corpus", shown=progress):
            pass
        _write_marker(marker, wanted | {"complete": True})
    except OSError as error:
        raise OutputError(f"{root}: the demo corpus cannot be written ({error})") from error
    return root


def trials(clips_per_actor: int) -> Iterator[Trial]:
    """The clips of all actors, balanced over the seven classes as far as the number allows."""
    for actor in ACTORS:
        yield from _of_actor(actor, clips_per_actor)


def write_clip(trial: Trial, root: Path, seed: int) -> None:
    """Make one clip and put it in its place only when it is whole."""
    path = root / trial.path
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}.tmp")
    sound, frames = render(trial, seed)
    _encode(unfinished, sound, frames)
    unfinished.replace(path)


def render(trial: Trial, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Sound (samples,) float32 at `voice.RATE`, and frames (n, 240, 320, 3) uint8 at 15 a second."""
    codes = (trial.actor, trial.emotion, trial.intensity, trial.statement, trial.repetition)
    rng = np.random.default_rng((seed, *codes))
    emotion = EMOTIONS[trial.emotion]
    in_voice = (voice.EXPRESSIONS, _MISTAKES_IN_VOICE, _UNCLEAR_VOICE)
    in_face = (face.EXPRESSIONS, _MISTAKES_IN_FACE, _UNCLEAR_FACE)
    cues = _shown(emotion, *in_voice, intensity=trial.intensity, rng=rng)
    parts = _shown(emotion, *in_face, intensity=trial.intensity, rng=rng)
    speaker = voice.voice_of(trial.actor, seed)
    speech = voice.speak(speaker, cues, statement=trial.statement, rng=rng)
    before, after = (int(rng.uniform(0.25, 0.5) * voice.RATE) for _ in range(2))
    sound = np.pad(speech, (before, after))
    sound += rng.normal(0, 1e-4, len(sound)).astype(np.float32)
    times = np.arange(int(len(sound) / voice.RATE * _FPS)) / _FPS
    start, end = before / voice.RATE, (before + len(speech)) / voice.RATE
    return sound, _draw(trial.actor, parts, sound, times, (start, end), seed, rng)


def _of_actor(actor: int, count: int) -> list[Trial]:
    """The first `count` trials of an order in which the seven classes take turns."""
    by_class: dict[str, list[Trial]] = {}
    for emotion, name in EMOTIONS.items():
        takes = [
            Trial(emotion, intensity, statement, repetition, actor)
            for repetition in REPETITIONS
            for intensity in ((1,) if emotion == 1 else INTENSITIES)
            for statement in STATEMENTS
        ]
        by_class.setdefault("neutral" if name == "calm" else name, []).extend(takes)
    by_class["neutral"].sort(key=lambda t: (t.repetition, t.statement, t.intensity, t.emotion))
    queue = []
    for turn in range(max(map(len, by_class.values()))):
        queue += [takes[turn] for takes in by_class.values() if turn < len(takes)]
    return queue[:count]


def _shown(
    emotion: str,
    table: dict,
    mistakes: dict,
    unclear: tuple[float, float],
    *,
    intensity: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """What a channel really shows: the expression, a weak one, or one between two."""
    weak, mistaken = unclear
    full = np.array(table[emotion])
    strength = rng.uniform(0.75, 1.1) * (1.0 if intensity == 1 else 1.15)
    chance = rng.random()
    if chance < weak:
        strength = rng.uniform(0.1, 0.35)
    elif chance < weak + mistaken:
        share = rng.uniform(0.4, 0.8)
        full = (1 - share) * full + share * np.array(table[mistakes[emotion]])
    return full * strength + rng.normal(0, 0.10, len(full))


def _draw(
    actor: int,
    parts: np.ndarray,
    sound: np.ndarray,
    times: np.ndarray,
    speech: tuple[float, float],
    seed: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Rest, the expression while speaking, rest; the mouth follows the voice, the head sways."""
    painter = face.Painter(face.look_of(actor, seed))
    rise = np.clip((times - speech[0] + 0.15) / 0.25, 0, 1)
    fall = np.clip((speech[1] + 0.2 - times) / 0.25, 0, 1)
    amount = np.minimum(rise, fall)
    mouth = voice.loudness(sound, times)
    sway = rng.uniform(0.1, 0.4, 3)[:, None] * times + rng.uniform(0, 1, 3)[:, None]
    across, down, roll = np.sin(2 * np.pi * sway) * np.array([[5.0], [3.0], [0.05]])
    place, light = rng.normal(0, (6, 4)), rng.uniform(0.88, 1.08)
    grain = rng.normal(0, 1.5, (4, face.HEIGHT, face.WIDTH, 1)).round().astype(np.int16)
    grain = grain.repeat(3, axis=3)
    frames = []
    for i in range(len(times)):
        now = parts * amount[i]
        now[face.PARTS.index("mouth_open")] += 0.45 * mouth[i]
        frames.append(
            painter.frame(
                now,
                shift=place + (across[i], down[i]),
                roll=roll[i],
                light=light,
                noise=grain[i % len(grain)],
            )
        )
    return np.stack(frames)


def _encode(path: Path, sound: np.ndarray, frames: np.ndarray) -> None:
    """H.264 and AAC in mp4, the same bytes each time: one thread, no time stamps of today."""
    with av.open(str(path), "w", format="mp4") as container:
        video = container.add_stream(
            "libx264", rate=_FPS, options={"preset": "ultrafast", "crf": "27", "threads": "1"}
        )
        video.width, video.height, video.pix_fmt = face.WIDTH, face.HEIGHT, "yuv420p"
        audio = container.add_stream("aac", rate=_FILE_RATE, layout="mono")
        audio.bit_rate = 96_000
        for number, image in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, _FPS)
            container.mux(video.encode(frame))
        container.mux(video.encode())
        samples = soxr.resample(sound, voice.RATE, _FILE_RATE).astype(np.float32)
        chunk = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
        chunk.rate, chunk.pts, chunk.time_base = _FILE_RATE, 0, Fraction(1, _FILE_RATE)
        container.mux(audio.encode(chunk))
        container.mux(audio.encode())


def _read_marker(root: Path, marker: Path) -> dict | None:
    if marker.exists():
        return json.loads(marker.read_text())
    if root.is_dir() and any(root.iterdir()):
        raise CorpusError(
            f"{root}: not empty and not a demo corpus (no {_MARKER}); nothing is written into it. "
            "Set data.root to another folder, or data=ravdess to use your clips"
        )
    return None


def _write_marker(marker: Path, content: dict) -> None:
    unfinished = marker.with_suffix(f".{os.getpid()}.tmp")
    unfinished.write_text(json.dumps(content))
    unfinished.replace(marker)
