"""The program's throughput against that of the model: slots / latency is the limit."""

import tempfile
from pathlib import Path

from benchmarks.harness.checkouts import Checkout
from benchmarks.harness.figures import Figure, at_least
from benchmarks.harness.model import Model
from benchmarks.harness.programs import environment, run

MIN_RATIO = 0.97
"""Part of the model's limit that the program must reach."""


def measure_throughput(checkout: Checkout, document: Path, *, pages: int, seconds: float, slots: int) -> list[Figure]:
    """Measure from the first page that the model is sent to its last answer; the note has the whole process too."""
    with tempfile.TemporaryDirectory() as cache, Model(seconds=seconds, slots=slots) as model:
        ended = run([*checkout.read, document], environment(model.url, Path(cache), parallel=slots))
        limit = model.limit_seconds(pages)
        working = model.working_seconds
    note = f"{pages / working:.1f} pages/s; the whole process {limit / ended.seconds:.2f} of the limit"
    name = f"of the limit, {slots} slot{'s' * (slots > 1)}, {seconds * 1000:g} ms a page"
    return [at_least(name, limit / working, MIN_RATIO, note=note)]
