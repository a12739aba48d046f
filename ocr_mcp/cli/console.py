"""Messages on stderr, and short texts on stdout."""

import os
import sys

from ocr_mcp.errors import OcrError, OutputError


def say(text: str) -> None:
    """Write one line on stderr."""
    print(text.encode("utf-8", "replace").decode(), file=sys.stderr, flush=True)  # noqa: T201  stderr is this module's purpose


def say_error(error: OcrError, *, about: str = "") -> None:
    """Say what happened, and on a second line what to do."""
    prefix = f"ocr-mcp: {about}: " if about else "ocr-mcp: "
    say(f"{prefix}{error.message}")
    if error.hint:
        say(f"  {error.hint}")


def write_stdout(text: str) -> None:
    """Write a short text as UTF-8, ending with a newline. A reader that left is no error."""
    if not text.endswith("\n"):
        text += "\n"
    try:
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # The reader has what it wanted (`| head`). Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise OutputError(f"The result could not be written to stdout: {error.strerror}.") from error


def count_pages(count: int) -> str:
    """Return `1 page`, or a count like `2 pages`."""
    return "1 page" if count == 1 else f"{count} pages"
