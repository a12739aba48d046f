"""All figures in one table. `make bench` runs it: some four minutes."""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.harness.figures import Figure, as_table, write_json
from benchmarks.harness.scans import scans
from benchmarks.rows.costs import measure_first_page, measure_memory, measure_processor, measure_start_up
from benchmarks.rows.throughput import measure_ceilings, measure_peer_loop, measure_throughput


def measure_all(folder: Path, *, pages: int, long_pages: int, seconds: float, rounds: int) -> list[Figure]:
    """Every figure, in the order of the table."""
    document = scans(folder / f"scans-{pages}.pdf", pages=pages)
    long_document = scans(folder / f"scans-{long_pages}.pdf", pages=long_pages)
    steps: list[Callable[[], list[Figure]]] = [
        lambda: measure_throughput(document, pages=pages, seconds=seconds, slots=1, target=0.97),
        lambda: measure_throughput(document, pages=pages, seconds=seconds, slots=4, target=0.97),
        lambda: measure_throughput(document, pages=pages, seconds=seconds, slots=32, target=0.9),
        lambda: measure_throughput(document, pages=pages, seconds=seconds, slots=32, target=0.9, rotate="0"),
        lambda: measure_ceilings(document, pages=pages, seconds=seconds, slots=32),
        lambda: measure_throughput(document, pages=pages, seconds=10 * seconds, slots=32, target=0.9),
        lambda: measure_peer_loop(document, pages=pages, seconds=seconds, slots=4),
        lambda: measure_first_page(long_document, pages=long_pages, rounds=rounds),
        lambda: measure_memory(long_document, pages=long_pages),
        lambda: measure_processor(document, pages=pages),
        lambda: measure_start_up(rounds=rounds),
    ]
    figures: list[Figure] = []
    for step in steps:
        found = step()
        figures.extend(found)
        for each in found:  # the table comes at the end, and a run takes minutes
            print(f"{each.name}: {each.value:.3g} {each.unit} ({each.note})", file=sys.stderr, flush=True)
    return figures


def main() -> None:
    """Print the table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="also write the figures there")
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--long-pages", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=0.2, help="of the model for a page")
    parser.add_argument("--rounds", type=int, default=9, help="starts of the server, and of a long document")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure_all(
            Path(folder),
            pages=options.pages,
            long_pages=options.long_pages,
            seconds=options.seconds,
            rounds=options.rounds,
        )
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; load at the end {load}\n")
    print(as_table(figures))
    if options.json is not None:
        write_json(options.json, figures)


if __name__ == "__main__":
    main()
