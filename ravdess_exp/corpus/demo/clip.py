"""Sound and frames of one demo clip: how strongly voice and face show its emotion, and when."""

import numpy as np

from ravdess_exp.corpus.demo import face, voice
from ravdess_exp.corpus.demo.trials import Trial

FPS = 15

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
    "bored": "sad",
    "amused": "happy",
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
    "bored": "neutral",
    "amused": "happy",
}


def render(trial: Trial, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Sound (samples,) float32 at `voice.RATE`, and frames (n, 240, 320, 3) uint8 at 15 a second."""
    codes = (trial.actor, trial.emotion, trial.intensity, trial.statement, trial.repetition)
    rng = np.random.default_rng((seed, *codes))
    emotion = trial.shown
    in_voice = (voice.EXPRESSIONS, _MISTAKES_IN_VOICE, _UNCLEAR_VOICE)
    in_face = (face.EXPRESSIONS, _MISTAKES_IN_FACE, _UNCLEAR_FACE)
    cues = _shown(emotion, *in_voice, intensity=trial.intensity, rng=rng)
    parts = _shown(emotion, *in_face, intensity=trial.intensity, rng=rng)
    speaker = voice.voice_of(trial.actor, seed)
    speech = voice.speak(speaker, cues, statement=trial.statement, rng=rng)
    before, after = (int(rng.uniform(0.25, 0.5) * voice.RATE) for _ in range(2))
    sound = np.pad(speech, (before, after))
    sound += rng.normal(0, 1e-4, len(sound)).astype(np.float32)
    times = np.arange(int(len(sound) / voice.RATE * FPS)) / FPS
    start, end = before / voice.RATE, (before + len(speech)) / voice.RATE
    return sound, _draw(trial.actor, parts, sound, times, (start, end), seed, rng)


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
