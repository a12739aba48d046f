"""How fast pages come, and how long the rest will take."""

from collections import deque

RECENT_PAGES = 20


class Pace:
    """Fed with the time, in seconds of any one clock, at which each page became ready."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=RECENT_PAGES + 1)

    def start(self, now: float) -> None:
        """Work begins, or goes on after a pause."""
        self._times.clear()
        self._times.append(now)

    def page_ready(self, now: float) -> None:
        """One more page."""
        self._times.append(now)

    @property
    def seconds_a_page(self) -> float | None:
        """Over the last pages; None before there is one."""
        if len(self._times) < 2:
            return None
        return (self._times[-1] - self._times[0]) / (len(self._times) - 1)

    def describe(self, done: int, total: int) -> str:
        """`page 12/300, 4.1 s a page, 20 min left`."""
        text = f"page {min(done + 1, total)}/{total}"
        pace = self.seconds_a_page
        if pace is None or done >= total:
            return text
        return f"{text}, {pace:.1f} s a page, {_duration(pace * (total - done))} left"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
