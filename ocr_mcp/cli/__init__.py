"""The command line: product on stdout, all else on stderr, one exit code for each class of error."""

from ocr_mcp.runtime.parent_watch import PARENT

# isort: split
# The parent is asked for before anything else is loaded: a client may die while that takes its second.
from ocr_mcp.cli.commands import main

__all__ = ["PARENT", "main"]
