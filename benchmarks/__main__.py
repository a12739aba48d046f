"""Measure speed, memory and start-up against a model of fixed speed, and print one table.

    python -m benchmarks                                  # some five minutes; `make bench` runs it
    python -m benchmarks --against ../other-checkout      # every row for both checkouts in turn, and the ratio

The other checkout needs a `.venv` of its own. Nothing is imported from it: its programs are started as processes.
"""

import argparse
import os
import platform
import tempfile
from pathlib import Path

from benchmarks.harness.checkouts import THIS_CHECKOUT, Checkout, find_checkout
from benchmarks.harness.figures import Figure, as_side_by_side, as_table, write_json, write_side_by_side
from benchmarks.rows.table import Scale, make_rows, measure_rows


def measure_all(folder: Path, scale: Scale) -> list[Figure]:
    """Measure every row for this checkout."""
    (figures,) = measure_rows(make_rows(folder, scale), [THIS_CHECKOUT])
    return figures


def measure_both(folder: Path, scale: Scale, other: Checkout) -> tuple[list[Figure], list[Figure]]:
    """Measure every row for both checkouts in turn, so that both meet the machine in the same state."""
    this, its = measure_rows(make_rows(folder, scale), [THIS_CHECKOUT, other])
    return this, its


def main() -> None:
    """Print the table, and write it as JSON where asked."""
    parser = _parser()
    options = parser.parse_args()
    scale = Scale(options.pages, options.long_pages, options.seconds, options.rounds, options.turns)
    try:
        other = None if options.against is None else find_checkout(options.against)
    except ValueError as error:
        parser.error(str(error))
    with tempfile.TemporaryDirectory() as folder:
        if other is None:
            _show(measure_all(Path(folder), scale), options.json)
        else:
            _show_both(*measure_both(Path(folder), scale, other), options.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="measure that checkout too, row by row")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--pages", type=int, default=Scale.pages)
    parser.add_argument("--long-pages", type=int, default=Scale.long_pages)
    parser.add_argument("--seconds", type=float, default=Scale.seconds, help="the model's latency for a page")
    parser.add_argument("--rounds", type=int, default=Scale.rounds, help="starts of the server and of a long document")
    parser.add_argument("--turns", type=int, default=Scale.turns, help="how often every other row is measured")
    return parser


def _show(figures: list[Figure], json_path: Path | None) -> None:
    print(_machine(), as_table(figures), sep="\n\n")
    if json_path is not None:
        write_json(json_path, figures)


def _show_both(this: list[Figure], other: list[Figure], json_path: Path | None) -> None:
    print(_machine(), as_side_by_side(this, other), sep="\n\n")
    if json_path is not None:
        write_side_by_side(json_path, this, other)


def _machine() -> str:
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; load at the end {load}"


if __name__ == "__main__":
    main()
