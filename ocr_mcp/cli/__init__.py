"""The command line: product on stdout, all else on stderr, one exit code for each class of error."""

from ocr_mcp.cli.commands import main
from ocr_mcp.runtime.parent_watch import PARENT  # the first import, so that it is early

__all__ = ["PARENT", "main"]
