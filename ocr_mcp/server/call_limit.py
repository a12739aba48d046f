"""Limits the calls that are answered at once, and turns errors of calls into answers."""

from collections.abc import Generator
from contextlib import contextmanager

from mcp.server.mcpserver.exceptions import ToolError

from ocr_mcp.errors import OcrError
from ocr_mcp.server.results import clean

MAX_CALLS = 64
"""Calls that are answered at once. Each holds an open document; the work behind the calls has its own bound."""


def tool_error(error: OcrError) -> ToolError:
    """Return the error as the SDK tells it to the model: its code and its sentences."""
    return ToolError(clean(f"{error.code}: {error}"))


class Load:
    """Counts the calls that are being answered."""

    def __init__(self, max_calls: int = MAX_CALLS) -> None:
        self._max_calls = max_calls
        self._calls = 0

    @contextmanager
    def answering(self) -> Generator[None]:
        """Count one call. An `OcrError` becomes a `ToolError`, the only error whose text reaches the model."""
        if self._calls >= self._max_calls:
            raise ToolError(
                f"BUSY: {self._calls} calls are being answered already. Wait for one of them and call again in 10 s."
            )
        self._calls += 1
        try:
            yield
        except OcrError as error:
            raise tool_error(error) from error
        finally:
            self._calls -= 1
