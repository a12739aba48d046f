"""How near the program comes to what the model could do, and what binds where it does not."""

import os
import sys
import tempfile
from pathlib import Path

from benchmarks.harness.figures import Figure, at_least
from benchmarks.harness.model import Model
from benchmarks.harness.programs import READ, environment, run

PICTURE_BYTES = 450_000
"""What a page of `scans` weighs as it is sent to the model."""


def measure_throughput(
    document: Path, *, pages: int, seconds: float, slots: int, target: float | None = None, rotate: str = "auto"
) -> list[Figure]:
    """`ocr-mcp read` against slots / latency: while it reads, and as a whole process."""
    as_they_are = ", pages as they are" if rotate == "0" else ""
    what = f"{slots} slot{'s' * (slots > 1)}, {seconds * 1000:g} ms a page{as_they_are}"
    with tempfile.TemporaryDirectory() as cache, Model(seconds=seconds, slots=slots) as model:
        ended = run([*READ, document], environment(model.url, Path(cache), parallel=slots, rotate=rotate))
        limit = model.limit_seconds(pages)
        ratio = limit / model.working_seconds
        note = (
            f"{pages / model.working_seconds:.1f} pages/s; the whole process {limit / ended.seconds:.2f} of the limit"
        )
    name = f"of the limit, {what}"
    return [Figure(name, ratio, "", note=note) if target is None else at_least(name, ratio, target, note=note)]


def measure_peer_loop(document: Path, *, pages: int, seconds: float, slots: int) -> list[Figure]:
    """The sequential loop of the `ollama` client. It cannot use more than one slot."""
    with tempfile.TemporaryDirectory() as cache, Model(seconds=seconds, slots=slots) as model:
        env = environment(model.url, Path(cache))
        run([sys.executable, "-m", "benchmarks.peer_loop", document, model.url], env)
        ratio = model.limit_seconds(pages) / model.working_seconds
        note = f"{pages / model.working_seconds:.1f} pages/s"
    return [Figure(f"a plain loop of the ollama client, {slots} slots, {seconds * 1000:g} ms", ratio, "", note=note)]


def measure_ceilings(document: Path, *, pages: int, seconds: float, slots: int) -> list[Figure]:
    """What the test Ollama itself can do, and how fast this machine draws pages."""
    with Model(seconds=seconds, slots=slots) as model:
        arguments = [model.url, str(pages), str(slots), str(PICTURE_BYTES)]
        run([sys.executable, "-m", "benchmarks.raw_client", *arguments], dict(os.environ))
        ratio = model.limit_seconds(pages) / model.working_seconds
        note = f"{pages / model.working_seconds:.1f} pages/s"
    drawn = run([sys.executable, "-m", "benchmarks.render_only", document, str(pages), "2"], dict(os.environ))
    return [
        Figure(f"the test Ollama alone, bare sockets, {slots} slots", ratio, "", note=note),
        Figure("drawing alone, two workers", float(drawn.output), "pages/s"),
    ]
