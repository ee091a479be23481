"""The first use of all that a recipe needs, on a made-up clip: to be ready, and to see who is at fault.

Libraries are imported, compiled and built at their first use, which takes seconds on a quick machine
and a minute on a busy one. And what fails with a made-up clip is no recording's fault.
"""

import io
import wave
from collections.abc import Callable

import numpy as np

from ravdess_exp.errors import ClipError, InstallationError, RavdessError
from ravdess_exp.features.variants import SoundVariants, varied
from ravdess_exp.media.decode import Recording
from ravdess_exp.prepare.entries import crops_of, feature_of, picture_of, speech_of
from ravdess_exp.prepare.recipe import Recipe

_RATE = 48_000  # samples a second of the made-up sound; RAVDESS's
_FRAME = (240, 320, 3)  # pixels of the made-up picture


def warm_up(recipe: Recipe, kinds: tuple[str, ...], variants: SoundVariants | None = None) -> None:
    """Make entries of these kinds, and a variant of the sound, of a made-up clip, and forget them.

    Raises `InstallationError` where that fails, and what the recipe itself is refused with, such as
    `ConfigError` for a file that is no encoder.
    """
    rng = np.random.default_rng(0)
    rate = recipe.feature.sample_rate
    sound = rng.normal(0, 0.1, rate).astype(np.float32)
    picture = recipe.picture
    for kind, what, make in (
        ("speech", "decoding and trimming", lambda: _speech(rng, recipe)),
        ("feature", type(recipe.feature).__name__, lambda: feature_of(sound, recipe)),
        ("faces", type(recipe.detector).__name__, lambda: crops_of(_frames(rng, recipe), recipe)),
        ("picture", type(picture).__name__, lambda: picture_of(_crops(rng, recipe), recipe)),
    ):
        if kind in kinds:
            _try(what, make)
    if variants is not None:
        _try("varying the sound", lambda: varied(sound, rng, variants, sample_rate=rate))


def _try(what: str, make: Callable[[], object]) -> None:
    try:
        make()
    except ClipError:
        pass  # a made-up clip may well have no face; what was to be loaded is
    except RavdessError:
        raise
    except Exception as error:
        reason = str(error).strip().split("\n", 1)[0]
        raise InstallationError(
            f"{what} fails also with a made-up clip ({type(error).__name__}: {reason}): a fault of "
            "the installation or of this machine, not of the clips. Install the packages anew, "
            "or see whether this user may read them"
        ) from error


def _speech(rng: np.random.Generator, recipe: Recipe) -> dict[str, np.ndarray]:
    """Of a second of noise between two of near silence, in a WAV file."""
    loudness = np.repeat([1e-4, 0.3, 1e-4], _RATE)
    samples = np.clip(rng.normal(0, loudness), -1, 1) * np.iinfo(np.int16).max
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(samples.astype("<i2").tobytes())
    with Recording(content.getvalue(), picture=False) as recording:
        return speech_of(recording, recipe)


def _frames(rng: np.random.Generator, recipe: Recipe) -> np.ndarray:
    """(K, H, W, 3) uint8."""
    return rng.integers(0, 256, (recipe.crops, *_FRAME), np.uint8)


def _crops(rng: np.random.Generator, recipe: Recipe) -> np.ndarray:
    """(K, S, S, 3) uint8, as `faces_of` gives them."""
    return rng.integers(0, 256, (recipe.crops, recipe.size, recipe.size, 3), np.uint8)
