"""Systems that answer as a test wants."""

from collections.abc import Callable

from ocr_mcp.evaluation.cases import Case
from ocr_mcp.evaluation.systems import Output


class Scripted:
    """A `System` that answers as it is told."""

    def __init__(self, answer: Callable[[Case], Output], name: str = "scripted") -> None:
        self.name = name
        self.concurrency = 2
        self.is_open = False
        self._answer = answer

    async def __aenter__(self) -> "Scripted":
        self.is_open = True
        return self

    async def __aexit__(self, *_: object) -> None:
        self.is_open = False

    async def read(self, case: Case) -> Output:
        return self._answer(case)


def say_nothing(case: Case, output: Output) -> None:
    """Progress that nobody wants to see."""
