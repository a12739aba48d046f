"""Measures the pace of a read, and estimates the time for the rest."""

from collections import deque

_WINDOW_SECONDS = 60.0
_WINDOW_PAGES = 8


class Pace:
    """Pages a minute over the last minute, or over the last eight pages where a page takes longer.

    All times are of one monotonic clock, in seconds. Pages that cost no engine time in this run do not count: they are
    there at once, and the rest will not be.
    """

    def __init__(self, *, started: float = 0.0) -> None:
        self._started = started
        self._finished: deque[tuple[float, float]] = deque()

    def start(self, now: float) -> None:
        """Begin to measure, at the start of the work or after a pause."""
        self._started = now
        self._finished.clear()

    def page_done(self, now: float, *, engine_seconds: float | None) -> None:
        """Count one more page.

        `engine_seconds` is the time that the engine took for it, in this run or before; None where no engine read it.
        """
        was_kept = engine_seconds is not None and engine_seconds > now - self._started
        if engine_seconds is None or was_kept:
            return
        self._finished.append((now, engine_seconds))
        while len(self._finished) > _WINDOW_PAGES and now - self._finished[0][0] > _WINDOW_SECONDS:
            self._finished.popleft()

    @property
    def pages_per_minute(self) -> float | None:
        """The pace; None before the second page, because the first one also waits for the model to be loaded."""
        if len(self._finished) < 2:
            return None
        # The window begins when the engine began with its first page. Where an engine reads several pages at once they
        # finish together, and the gap between two of them says nothing.
        quickest = min(seconds for _, seconds in self._finished)
        seconds = self._finished[-1][0] - self._finished[0][0] + quickest
        return 60 * len(self._finished) / seconds if seconds > 0 else None

    def seconds_for(self, pages: int) -> float | None:
        """Return the seconds that so many pages take at this pace; None where the pace is not known."""
        rate = self.pages_per_minute
        return 60 * pages / rate if rate else None

    def describe(self, done: int, total: int) -> str:
        """Return the state of a read as `page 12/300, 4.1 s a page, 20 min left`."""
        text = f"page {min(done + 1, total)}/{total}"
        page, rest = self.seconds_for(1), self.seconds_for(total - done)
        if page is None or rest is None or done >= total:
            return text
        return f"{text}, {page:.1f} s a page, {duration_text(rest)} left"


def duration_text(seconds: float) -> str:
    """Return a time as `40 s`, `13 min` or `2 h 5 min`."""
    if seconds < 99.5:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
