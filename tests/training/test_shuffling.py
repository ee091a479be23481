"""The check that labels are shuffled for: what it must be able to see."""

import numpy as np
import pytest

from ravdess_exp.training.samples import shuffled_labels

NAMES = [f"clip {i:03d}" for i in range(210)]
LABELS = {name: i % 7 for i, name in enumerate(NAMES)}
OWN = {name: name for name in NAMES}  # every clip its own recording


def test_the_labels_are_those_of_the_corpus_in_another_order():
    shuffled = shuffled_labels(LABELS, OWN, seed=0)
    assert list(shuffled) == NAMES and sorted(shuffled.values()) == sorted(LABELS.values())
    agree = np.mean([shuffled[name] == LABELS[name] for name in NAMES])
    assert agree == pytest.approx(1 / 7, abs=0.08)
    assert shuffled != shuffled_labels(LABELS, OWN, seed=1)


def test_they_depend_neither_on_the_order_of_clips_nor_on_what_is_divided():
    """One draw for the corpus: a clip has the same label in each fold, and in each set."""
    backwards = {name: LABELS[name] for name in NAMES[::-1]}
    shuffled = shuffled_labels(LABELS, OWN, seed=0)
    assert shuffled_labels(backwards, OWN, seed=0) == shuffled


@pytest.mark.parametrize("copies", [1, 20, 100])
def test_a_copy_under_another_name_has_the_label_of_its_original(copies):
    """Also where it bears the name of another emotion, as a file that was copied wrongly would."""
    copied = {f"copy {i:03d}": NAMES[2 * i] for i in range(copies)}
    labels = LABELS | {name: (LABELS[of] + 3) % 7 for name, of in copied.items()}
    shuffled = shuffled_labels(labels, OWN | copied, seed=0)
    assert all(shuffled[name] == shuffled[of] for name, of in copied.items())
    assert len({shuffled[name] for name in copied}) == min(copies, 7) or copies < 100
