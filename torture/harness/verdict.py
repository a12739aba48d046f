"""The end of every script: one line of figures, and PASS or FAIL."""

import argparse
import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NoReturn


@dataclass(frozen=True, slots=True)
class Verdict:
    """The figures as a person reads them; `passed` is True if the promise held."""

    figures: str
    passed: bool


def conclude(run: Callable[[int], Verdict], *, full: int) -> NoReturn:
    """Run a script as `python -m torture.NAME [COUNT]`."""
    end_with(run(_parser(full).parse_args().count))


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a script's items: `count` of them from number `start` on, or fewer if `seconds` run out."""

    count: int
    start: int = 0
    seconds: float = math.inf
    _began: float = field(default_factory=time.monotonic, init=False)

    def numbers(self) -> Iterator[int]:
        """Yield the items' numbers until there is no more time."""
        for number in range(self.start, self.start + self.count):
            if time.monotonic() - self._began > self.seconds:
                return
            yield number


def conclude_in_parts(run: Callable[[Part], Verdict], *, full: int) -> NoReturn:
    """Run a script that can be called for one part after the other, whose counts add up."""
    parser = _parser(full)
    parser.add_argument("--start", type=int, default=0, help="go on after so many that earlier calls did")
    parser.add_argument("--seconds", type=float, default=math.inf, help="do no more than fits in so long")
    options = parser.parse_args()
    end_with(run(Part(options.count, options.start, options.seconds)))


def _parser(full: int) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("count", nargs="?", type=int, default=full, help=f"how often, {full} unless given")
    return parser


def end_with(verdict: Verdict) -> NoReturn:
    """Print the line, and exit with 0 if the promise held."""
    print(verdict.figures, "PASS" if verdict.passed else "FAIL")
    sys.exit(0 if verdict.passed else 1)
