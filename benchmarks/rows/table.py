"""All rows of the table, and how they are measured for one checkout or for two in turn."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.harness.checkouts import Checkout
from benchmarks.harness.figures import Figure, take_median
from benchmarks.harness.scans import make_scans
from benchmarks.rows.costs import measure_first_page, measure_memory, measure_processor, measure_start_up
from benchmarks.rows.throughput import measure_throughput


@dataclass(frozen=True)
class Scale:
    """The size of a run: `seconds` is the model's latency for a page, `rounds` counts the starts that are measured.

    Every other row is measured `turns` times; medians are shown.
    """

    pages: int = 300
    long_pages: int = 1000
    seconds: float = 0.2
    rounds: int = 9
    turns: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """A measurement of one or more figures, and how often it is made for each checkout."""

    measure: Callable[[Checkout], list[Figure]]
    turns: int


def make_rows(folder: Path, scale: Scale) -> list[Row]:
    """Return the rows in the order of the table; their documents are written to `folder`."""
    document = make_scans(folder / f"scans-{scale.pages}.pdf", pages=scale.pages)
    long_document = make_scans(folder / f"scans-{scale.long_pages}.pdf", pages=scale.long_pages)
    throughput = partial(measure_throughput, document=document, pages=scale.pages)
    return [
        Row(partial(throughput, seconds=scale.seconds, slots=1), scale.turns),
        Row(partial(throughput, seconds=scale.seconds, slots=4), scale.turns),
        Row(partial(throughput, seconds=10 * scale.seconds, slots=32), scale.turns),
        Row(partial(measure_first_page, document=long_document, pages=scale.long_pages), scale.rounds),
        Row(partial(measure_memory, document=long_document, pages=scale.long_pages), scale.turns),
        Row(partial(measure_processor, document=document, pages=scale.pages), scale.turns),
        Row(measure_start_up, scale.rounds),
    ]


def measure_rows(rows: Sequence[Row], checkouts: Sequence[Checkout]) -> list[list[Figure]]:
    """Return the figures of each checkout. Every row is measured for one checkout after the other, turn by turn."""
    figures: list[list[Figure]] = [[] for _ in checkouts]
    for row in rows:
        for found, new in zip(figures, _measure_row(row, checkouts), strict=True):
            found.extend(new)
    return figures


def _measure_row(row: Row, checkouts: Sequence[Checkout]) -> list[list[Figure]]:
    found: dict[Checkout, list[list[Figure]]] = {checkout: [] for checkout in checkouts}
    for _ in range(row.turns):
        for checkout in checkouts:
            found[checkout].append(row.measure(checkout))
    return [list(_medians(checkout, turns)) for checkout, turns in found.items()]


def _medians(checkout: Checkout, turns: Sequence[list[Figure]]) -> Iterator[Figure]:
    for same in zip(*turns, strict=True):
        figure = take_median(same)
        # The table comes at the end, and a run takes minutes.
        print(f"{checkout.name}: {figure.name}: {figure.shown} ({figure.note})", file=sys.stderr, flush=True)
        yield figure
