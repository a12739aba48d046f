"""What every script ends with: one line of figures, and whether the promise held."""

import argparse
import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NoReturn


@dataclass(frozen=True, slots=True)
class Verdict:
    """The figures as they are to be read, and whether the promise held."""

    figures: str
    passed: bool


def conclude(run: Callable[[int], Verdict], *, full: int) -> NoReturn:
    """Run a script as a program: `python -m torture.NAME [COUNT]`."""
    end_with(run(_parser(full).parse_args().count))


@dataclass(frozen=True, slots=True)
class Part:
    """`count` of a script's items from number `start` on, as far as `seconds` allow."""

    count: int
    start: int = 0
    seconds: float = math.inf
    _began: float = field(default_factory=time.monotonic, init=False)

    def numbers(self) -> Iterator[int]:
        """The items' numbers, until there is no more time."""
        for number in range(self.start, self.start + self.count):
            if time.monotonic() - self._began > self.seconds:
                return
            yield number


def conclude_in_parts(run: Callable[[Part], Verdict], *, full: int) -> NoReturn:
    """The same for a script whose counts add up over several calls, because parts differ."""
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
