"""The benchmarks run, with tiny numbers."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import measure_all
from benchmarks.harness.checkouts import THIS_CHECKOUT, Checkout, find_checkout
from benchmarks.harness.figures import (
    Figure,
    as_side_by_side,
    as_table,
    at_least,
    at_most,
    take_median,
    write_json,
    write_side_by_side,
)
from benchmarks.rows.table import Row, Scale, measure_rows


def test_every_figure_is_measured(tmp_path: Path) -> None:
    figures = measure_all(tmp_path, Scale(pages=4, long_pages=12, seconds=0.01, rounds=1))
    write_json(tmp_path / "figures.json", figures)
    written = json.loads((tmp_path / "figures.json").read_text())
    assert len(written) == len(figures) == 8
    assert all(each["value"] > 0 for each in written if "memory" not in each["name"])
    table = as_table(figures).splitlines()
    assert len(table) == 2 + len(figures)
    assert all(line.count("|") == 6 for line in table)


def test_two_checkouts_are_measured_in_turn() -> None:
    measured: list[str] = []
    seconds = iter((3.0, 8.0, 1.0, 4.0, 2.0, 6.0))

    def measure(checkout: Checkout) -> list[Figure]:
        measured.append(checkout.name)
        return [at_most("start", next(seconds), "s", 5.0, note="alone")]

    other = Checkout("other", Path(sys.executable))
    (this,), (its,) = measure_rows([Row(measure, turns=3)], [THIS_CHECKOUT, other])
    assert measured == ["this", "other"] * 3
    assert this == at_most("start", 2.0, "s", 5.0, note="alone; 1 to 3 in 3 turns")
    assert (its.value, its.holds) == (6.0, False)


def test_the_figures_of_two_checkouts_stand_side_by_side(tmp_path: Path) -> None:
    this = [at_least("of the limit", 0.98, 0.97, note="five pages/s"), at_most("memory", -2.0, "MB", 20)]
    other = [at_least("of the limit", 0.49, 0.97), at_most("memory", 4.0, "MB", 20)]
    write_side_by_side(tmp_path / "both.json", this, other)
    assert [each["ratio"] for each in json.loads((tmp_path / "both.json").read_text())] == [2.0, None]
    assert as_side_by_side(this, other).splitlines()[2:] == [
        "| of the limit | 0.98 | 0.49 | 2.000 | >= 0.97 | yes | five pages/s |  |",
        "| memory | -2 MB | 4 MB |  | < 20 MB | yes |  |  |",
    ]


def test_a_figure_that_was_measured_once_stays_as_it_is() -> None:
    figure = Figure("processor", 12.0, "ms", note="with children")
    assert take_median([figure]) is figure


def test_another_checkout_needs_its_own_environment(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"ocr-mcp' is missing"):
        find_checkout(tmp_path)


def test_an_environment_that_runs_another_checkouts_package_is_refused(tmp_path: Path) -> None:
    """A copied `.venv` still points to the checkout that it was made in."""
    (tmp_path / ".venv").symlink_to(Path(sys.prefix))
    with pytest.raises(ValueError, match="which is another checkout"):
        find_checkout(tmp_path)
