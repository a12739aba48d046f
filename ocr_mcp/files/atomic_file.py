"""Files in the making that a killed process left beside its results."""

import os
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import IO, cast

from ocr_mcp.files.partial_files import delete_unmarked, mark_living

PREFIX, SUFFIX = ".ocr-mcp-", ".part"


def new_part(folder: Path) -> IO[bytes]:
    """A file in the making, marked as one whose process lives; the mark goes with the process, however it ends."""
    while True:
        file = tempfile.NamedTemporaryFile("wb", dir=folder, prefix=PREFIX, suffix=SUFFIX, delete=False)  # noqa: SIM115
        mark_living(file.fileno())
        if sys.platform == "win32" or os.fstat(file.fileno()).st_nlink:
            return cast("IO[bytes]", file)
        file.close()  # another process swept it before it was marked


@cache
def sweep(folder: Path) -> None:
    """Delete the files in the making whose process is gone; once in a run, as a folder can hold many results."""
    for path in folder.glob(f"{PREFIX}*{SUFFIX}"):
        delete_unmarked(path)
