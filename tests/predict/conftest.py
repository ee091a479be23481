"""Finished runs that several tests of prediction share."""

from pathlib import Path

import pytest

from tests.helpers.runs import train


@pytest.fixture(scope="session")
def trained(corpus, store_root, tmp_path_factory) -> Path:
    """Sound and picture, trained with an input missing now and then."""
    folder = tmp_path_factory.mktemp("trained")
    return train(folder, corpus, store_root, "augment.modality_dropout=0.2")


@pytest.fixture(scope="session")
def needs_both(corpus, store_root, tmp_path_factory) -> Path:
    """Sound and picture, always both."""
    return train(tmp_path_factory.mktemp("both"), corpus, store_root, "audio=mfcc_mean",
                 "audio_encoder=dense", "augment.modality_dropout=0.0")  # fmt: skip


@pytest.fixture(scope="session")
def hears(corpus, store_root, tmp_path_factory) -> Path:
    """Sound alone."""
    return train(tmp_path_factory.mktemp("audio"), corpus, store_root, "modality=audio",
                 "audio=mfcc_mean", "audio_encoder=dense")  # fmt: skip


@pytest.fixture(scope="session")
def sees(corpus, store_root, tmp_path_factory) -> Path:
    """Picture alone."""
    return train(tmp_path_factory.mktemp("video"), corpus, store_root, "modality=video")
