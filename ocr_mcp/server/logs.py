"""Configures the server's log: on stderr, without a word of a document and without a secret."""

import logging
import sys
from types import TracebackType

from ocr_mcp.runtime.tracebacks import without_messages

OWN = "ocr_mcp"
_ErrorInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def configure_logs(level: str) -> None:
    """Log this program at `level`, and everything that it uses at WARNING or less talkative.

    httpx, mcp and the like log requests with all that is in them: addresses, headers, the text of pages. Call this
    before the server is made, because the SDK configures the root logger where nobody did.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_WithoutMessages(_FORMAT))
    own = logging.getLevelNamesMapping()[level]
    logging.basicConfig(level=max(own, logging.WARNING), handlers=[handler], force=True)
    logging.getLogger(OWN).setLevel(own)


class _WithoutMessages(logging.Formatter):
    """Traces errors without their words, and writes nothing that a terminal or UTF-8 does not take."""

    def formatException(self, ei: _ErrorInfo) -> str:  # noqa: N802  the name is logging's
        return "" if ei[1] is None else without_messages(ei[1])

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).encode("utf-8", "backslashreplace").decode()
