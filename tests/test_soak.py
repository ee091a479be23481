"""Many runs in one process hold no more than a few do."""

import psutil
import pytest

from ravdess_exp.run.experiment import run

RUNS, WARM = 10, 4
SMALL = ("modality=audio", "audio=mfcc_mean", "audio_encoder=dense", "tracking.log_model=false")


@pytest.mark.slow
def test_memory_files_and_threads_stay_flat(configure, tmp_path):
    """As in a multirun, with tracking; 200 in a row are measured in docs/reliability.md."""
    process, held = psutil.Process(), []
    for number in range(RUNS):
        run(configure(*SMALL, f"seed={number}"), folder=tmp_path / str(number))
        held.append((process.memory_info().rss / 2**20, process.num_fds(), process.num_threads()))
    (megabytes, files, threads), (*last,) = held[WARM], held[-1]
    assert last[0] - megabytes < 40, held
    assert last[1] - files <= 2 and last[2] - threads <= 1, held
