"""The benchmarks run, with tiny numbers."""

import json
from pathlib import Path

from benchmarks.__main__ import measure_all
from benchmarks.harness.figures import as_table, write_json


def test_every_figure_is_measured(tmp_path: Path) -> None:
    figures = measure_all(tmp_path, pages=4, long_pages=12, seconds=0.01, rounds=1)
    write_json(tmp_path / "figures.json", figures)
    written = json.loads((tmp_path / "figures.json").read_text())
    assert len(written) == len(figures) == 13
    assert all(each["value"] > 0 for each in written if "memory" not in each["name"])
    table = as_table(figures).splitlines()
    assert len(table) == 2 + len(figures)
    assert all(line.count("|") == 6 for line in table)
