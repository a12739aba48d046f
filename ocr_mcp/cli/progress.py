"""Shows progress while pages are read: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Protocol

from ocr_mcp.cli.console import say
from ocr_mcp.jobs.eta import Pace, duration_text
from ocr_mcp.model.documents import Page, PageFailure

if TYPE_CHECKING:
    from rich.progress import Progress

LINE_SECONDS = 30.0
"""Time between two lines where there is no terminal. A read that takes less prints none."""


class PageProgress(Protocol):
    """Follows the pages of one document."""

    def page_done(self, result: Page | PageFailure) -> None:
        """Count one more page, which is ready or has failed."""
        ...

    def hidden(self) -> AbstractContextManager[None]:
        """Hide the progress while other text is written to the same terminal."""
        ...


@contextmanager
def page_progress(name: str, total: int) -> Generator[PageProgress]:
    """Show a bar where stderr is a terminal, else a line every half minute."""
    if sys.stderr is None or not sys.stderr.isatty():  # pyright: ignore[reportUnnecessaryComparison]  it can be closed
        yield Lines(name, total)
        return
    with _new_bar() as bar:
        yield Bar(bar, name, total)


class Lines:
    """Prints lines like `ocr-mcp: big.pdf: 120/300 pages, 14 pages/min, 13 min left`."""

    def __init__(self, name: str, total: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._name, self._total, self._clock = name, total, clock
        self._failed = 0
        self._said = clock()
        self._done = 0
        self._pace = Pace(started=self._said)

    def page_done(self, result: Page | PageFailure) -> None:
        """Print a line if the last one is long ago and this was not the last page."""
        now = self._clock()
        self._done += 1
        self._failed += isinstance(result, PageFailure)
        self._pace.page_done(now, engine_seconds=_engine_seconds(result))
        if now - self._said < LINE_SECONDS or self._done == self._total:
            return
        self._said = now
        facts = [
            f"{self._done}/{self._total} pages",
            pace_text(self._pace, self._total - self._done),
            _failed_text(self._failed),
        ]
        say(f"ocr-mcp: {self._name}: {', '.join(filter(None, facts))}")

    def hidden(self) -> AbstractContextManager[None]:
        """Do nothing: a line is not in the way."""
        return nullcontext()


class Bar:
    """A bar with the pace and the failures beside it."""

    def __init__(self, bar: "Progress", name: str, total: int) -> None:
        from rich.markup import escape

        self._bar = bar
        self._failed = 0
        self._done, self._total = 0, total
        self._pace = Pace(started=time.monotonic())
        self._task = bar.add_task(escape(name), total=total, facts="")

    def page_done(self, result: Page | PageFailure) -> None:
        """Move the bar."""
        self._done += 1
        self._failed += isinstance(result, PageFailure)
        self._pace.page_done(time.monotonic(), engine_seconds=_engine_seconds(result))
        facts = ", ".join(filter(None, [pace_text(self._pace, self._total - self._done), _failed_text(self._failed)]))
        self._bar.update(self._task, advance=1, facts=facts)

    @contextmanager
    def hidden(self) -> Generator[None]:
        """Take the bar off the screen, so that the text of a page does not run into it."""
        if not sys.stdout.isatty():
            yield
            return
        self._bar.stop()
        try:
            yield
        finally:
            self._bar.start()


def pace_text(pace: Pace, pages_left: int) -> str:
    """Return `14 pages/min, 13 min left`, or an empty text while nothing is known."""
    rate, left = pace.pages_per_minute, pace.seconds_for(pages_left)
    if rate is None or left is None:
        return ""
    return f"{rate:.{0 if rate >= 10 else 1}f} pages/min, {duration_text(left)} left"


def _new_bar() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[facts]}"),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _engine_seconds(result: Page | PageFailure) -> float | None:
    # Nobody notes how long a failure took, and an engine that is gone fails at once.
    return result.reading.seconds if isinstance(result, Page) and result.reading else None


def _failed_text(failed: int) -> str:
    return f"{failed} failed" if failed else ""
