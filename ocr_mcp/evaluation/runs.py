"""Let a system read all cases, and measure its cost. Nothing else is done meanwhile."""

import resource
import time
from collections.abc import Callable, Sequence

import anyio

from ocr_mcp.errors import OcrError
from ocr_mcp.evaluation.cases import Case
from ocr_mcp.evaluation.systems import Output, System
from ocr_mcp.model.geometry import Frozen


class Run(Frozen):
    """The outputs of a system for all cases, in their order.

    `cpu_seconds` are those of this process and of all processes that the system started and ended, with their start.
    `problem` says why the system could not read at all; then there are no outputs.
    """

    system: str
    outputs: tuple[Output, ...] = ()
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    problem: str | None = None

    @property
    def pages(self) -> int:
        """Number of pages that the system read or should have read."""
        return sum(output.pages for output in self.outputs)


OnOutput = Callable[[Case, Output], None]
"""A function that is called with each case as it is read."""


async def run_system(system: System, cases: Sequence[Case], on_output: OnOutput) -> Run:
    """Read all cases. A case that fails is an output that says so; a system that cannot start is a problem."""
    started, cpu_before = time.monotonic(), measure_cpu_seconds()
    outputs: dict[int, Output] = {}
    try:
        async with system:
            await _read_all(system, cases, outputs, on_output)
    except OcrError as error:
        return Run(system=system.name, problem=str(error))
    return Run(
        system=system.name,
        outputs=tuple(outputs[index] for index in range(len(cases))),
        seconds=time.monotonic() - started,
        cpu_seconds=measure_cpu_seconds() - cpu_before,
    )


async def _read_all(system: System, cases: Sequence[Case], outputs: dict[int, Output], on_output: OnOutput) -> None:
    slots = anyio.Semaphore(system.concurrency)

    async def read(index: int) -> None:
        async with slots:
            outputs[index] = await _read(system, cases[index])
        on_output(cases[index], outputs[index])

    async with anyio.create_task_group() as tasks:
        for index in range(len(cases)):
            tasks.start_soon(read, index)


async def _read(system: System, case: Case) -> Output:
    started = time.monotonic()
    try:
        return await system.read(case)
    except (OcrError, TimeoutError) as error:
        said = error.message if isinstance(error, OcrError) else "it took too long"
        pages = len(case.numbers or (1,))
        return Output(seconds=time.monotonic() - started, pages=pages, failure=said or type(error).__name__)


def measure_cpu_seconds() -> float:
    """Return the CPU time of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)
