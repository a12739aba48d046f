"""Open every hostile file and read its first page: the outcome must be expected, in time, and take little memory."""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import anyio

from ocr_mcp.errors import OcrError
from ocr_mcp.files.access import AccessPolicy
from ocr_mcp.model.images import Raster
from ocr_mcp.sources.documents import RenderLimits, SourceReader
from torture.corpus.expectations import HostileFile, write_corpus
from torture.harness.memory import resident_bytes
from torture.harness.verdict import Verdict, conclude

FULL = 5
QUICK = 3
"""Seconds that opening the file, drawing its page and reading its text may take, each."""

GRACE_SECONDS = 0.5
"""Time after a deadline in which its error must be raised."""

MAX_GROWTH_BYTES = 50_000_000
_READERS = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a file: the code of its error or "OK", the document's issues, and the longest single step."""

    code: str
    issues: frozenset[str]
    seconds: float


def run(count: int, *, grace_seconds: float = GRACE_SECONDS) -> Verdict:
    """Read the whole corpus with a deadline of `count` seconds; an answer may come so much later than that."""
    return anyio.run(_read_all, float(count), grace_seconds)


async def _read_all(deadline_seconds: float, grace_seconds: float) -> Verdict:
    limits = RenderLimits(open_seconds=deadline_seconds, render_seconds=deadline_seconds)
    policy = AccessPolicy(allowed_folders=None, allow_urls=False)
    reader = SourceReader(policy=policy, render_workers=_READERS, limits=limits)
    outcomes: dict[HostileFile, Outcome] = {}
    growth = 0
    with tempfile.TemporaryDirectory(prefix="ocr-mcp-hostile-") as folder:
        paths = write_corpus(Path(folder))
        before, waiting = resident_bytes(), list(paths.items())

        async def read_some() -> None:
            nonlocal growth
            while waiting:
                file, path = waiting.pop()
                outcomes[file] = await outcome_of(reader, path)
                growth = max(growth, resident_bytes() - before)

        try:
            async with anyio.create_task_group() as tasks:
                for _ in range(_READERS):
                    tasks.start_soon(read_some)
        finally:
            await reader.aclose()
    return _judged(outcomes, growth, deadline_seconds, grace_seconds)


async def outcome_of(reader: SourceReader, path: Path) -> Outcome:
    """Open a file, draw its first page, and read its text."""
    began, longest, issues = time.monotonic(), 0.0, frozenset[str]()
    try:
        async with reader.open(str(path)) as source:
            issues = frozenset(issue.code.value for issue in source.issues)
            longest, began = time.monotonic() - began, time.monotonic()
            await source.render(1, Raster(long_edge_px=1024))
            longest, began = max(longest, time.monotonic() - began), time.monotonic()
            await source.text_layer(1)
    except OcrError as error:
        return Outcome(error.code, issues, max(longest, time.monotonic() - began))
    return Outcome("OK", issues, max(longest, time.monotonic() - began))


def is_expected(file: HostileFile, outcome: Outcome) -> bool:
    """Return True if the code is expected and, where the file can be read, the expected issues are reported."""
    return outcome.code in file.codes and (outcome.code != "OK" or file.issues <= outcome.issues)


def _judged(
    outcomes: dict[HostileFile, Outcome], growth: int, deadline_seconds: float, grace_seconds: float
) -> Verdict:
    wrong = [f"{file.name}: {found.code}" for file, found in outcomes.items() if not is_expected(file, found)]
    late = [file.name for file, found in outcomes.items() if found.seconds > deadline_seconds + grace_seconds]
    longest = max(found.seconds for found in outcomes.values())
    figures = (
        f"{len(outcomes)} hostile files: {len(wrong)} unexpected {wrong or ''}, {len(late)} late {late or ''},"
        f" longest step {longest:.1f} s of {deadline_seconds:g}, parent grew {growth / 1e6:.0f} MB"
    )
    return Verdict(figures, not wrong and not late and growth <= MAX_GROWTH_BYTES)


if __name__ == "__main__":
    conclude(run, full=FULL)
