"""The benchmark of large tables reads what it says it reads."""

import bench_table


def test_each_case_is_read_whole(tmp_path):
    for table in bench_table.make(tmp_path, 4000).values():
        assert bench_table.read(table)["clips"] == 4000
