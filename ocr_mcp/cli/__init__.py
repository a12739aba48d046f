"""The command line: product on stdout, all else on stderr, one exit code for each class of error."""

from ocr_mcp.birth import PARENT  # the first import, so that it is early
from ocr_mcp.cli.commands import main

__all__ = ["PARENT", "main"]
