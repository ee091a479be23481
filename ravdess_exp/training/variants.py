"""The variants that training clips' sound has, as the model hears them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ravdess_exp.corpus.clip import Clip
from ravdess_exp.features.audio import AudioInput
from ravdess_exp.prepare.rows import Rows


@dataclass(frozen=True)
class Variants:
    """Variants of the sound of a set's clips.

    audio: (m, N, M, 1) or (m, N, 1) float32, on disk until a batch needs them; row_of: which sample
    each is of, (m,), in ascending order.
    """

    audio: Rows
    row_of: np.ndarray

    @classmethod
    def of(
        cls,
        clips: Sequence[Clip],
        features: Mapping[str, Rows],
        *,
        audio_input: AudioInput,
        folder: Path,
    ) -> "Variants | None":
        """Those of a set's clips; None where they have none.

        features: of each clip's variants, by clip name. audio_input: fitted on the clean clips of
        training. folder: where the variants are kept as long as this process needs them.
        """
        audio, row_of = Rows(folder), []
        for row, clip in enumerate(clips):
            for feature in features.get(clip.name, ()):
                audio.append(audio_input(feature))
                row_of.append(row)
        return cls(audio, np.array(row_of)) if row_of else None

    def drawn(self, row: int, clean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """`clean`, the sound of this sample, or one of its variants, each as likely as another."""
        first, end = np.searchsorted(self.row_of, [row, row + 1])
        chosen = rng.integers(end - first + 1)
        return self.audio[int(first + chosen - 1)] if chosen else clean
