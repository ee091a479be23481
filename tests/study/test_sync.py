"""What a synchronisation sends of history.csv: each training by itself, without gaps."""

import pandas as pd

from ravdess_exp.study.sync import _by_training
from ravdess_exp.training.fit import History


def test_each_training_of_a_run_is_sent_by_itself(tmp_path):
    """One that stopped earlier has no metrics in the later rows."""
    first, second = [{"loss": 2.0, "val_uar": 0.1}, {"loss": 1.0, "val_uar": 0.2}], [{"loss": 3.0}]
    table = pd.DataFrame(History(first, 2, others={"member_1": second}).rows())
    table.to_csv(tmp_path / "history.csv", index_label="epoch")
    rows = pd.read_csv(tmp_path / "history.csv").to_dict("records")
    assert [_by_training(row) for row in rows] == [
        [{"loss": 2.0, "val_uar": 0.1}, {"member_1/loss": 3.0}],
        [{"loss": 1.0, "val_uar": 0.2}],
    ]
