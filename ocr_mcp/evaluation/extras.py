"""Import the packages of the extra `eval` when they are used."""

# pyright: reportMissingTypeStubs=false, reportMissingModuleSource=false
# apted, pylatexenc and scipy publish no types, so only this file and `tree_distance.py` touch them.

import logging
from collections.abc import Callable, Sequence
from functools import cache
from types import ModuleType
from typing import Any

from ocr_mcp.errors import MissingPackageError


def import_extra(load: Callable[[], Any]) -> Any:
    """Return the object that `load` imports. Raises `MissingPackageError` where its package is not installed."""
    try:
        return load()
    except ModuleNotFoundError as error:
        raise MissingPackageError(
            f"Measuring needs the package '{error.name}', which is not installed.",
            hint="Run pip install 'ollama-ocr-mcp[eval]'.",
        ) from error


def check_installed() -> None:
    """Raise `MissingPackageError` now, rather than after the pages were read."""
    for load in (_load_pylatexenc, _load_scipy, load_apted):
        import_extra(load)


@cache
def load_latex_to_text() -> Callable[[str], str]:
    """Return a function that turns LaTeX into the characters that it shows."""
    convert: Callable[[str], str] = import_extra(_load_pylatexenc)().latex_to_text
    # Pylatexenc warns of each formula that is not quite LaTeX, and models write such formulas all the time.
    logging.getLogger("pylatexenc").setLevel(logging.ERROR)
    return convert


def pair_cheapest(costs: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Pair rows with columns so that the sum of costs is least; the longer side keeps some without a partner."""
    if not costs or not costs[0]:
        return []
    rows, columns = import_extra(_load_scipy).linear_sum_assignment([list(row) for row in costs])
    return [(int(row), int(column)) for row, column in zip(rows, columns, strict=True)]


def load_apted() -> ModuleType:
    """Import `apted`, the tree edit distance."""
    import apted

    return apted


def _load_pylatexenc() -> Any:
    from pylatexenc.latex2text import LatexNodes2Text

    return LatexNodes2Text


def _load_scipy() -> Any:
    import scipy.optimize

    return scipy.optimize
