"""Where the product goes: stdout, or a file that appears whole or not at all."""

import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from ocr_mcp.errors import OutputError


def write_stdout(text: str) -> None:
    """Write text as UTF-8, whatever the terminal's encoding, ending with a newline."""
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


def write_file(path: Path, text: str) -> None:
    """Replace `path` by the text in one step; a file that was there stays whole if writing fails."""
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "wb", dir=path.parent, prefix=".ocr-mcp-", suffix=".part", delete=False
        ) as file:
            temporary = file.name
            file.write(text.encode("utf-8", "replace"))
            file.flush()
            os.fsync(file.fileno())
        _keep_mode(path, temporary)
        os.replace(temporary, path)  # noqa: PTH105  Path.replace would need a second Path for a name that is gone after
    except OSError as error:
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108  as above
        raise OutputError(
            f"'{path}' could not be written: {error.strerror}.", hint="Choose another place with -o."
        ) from error


def _keep_mode(path: Path, temporary: str) -> None:
    """Give the new file the old one's permissions, or those that the umask leaves."""
    try:
        mode = path.stat().st_mode & 0o777
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        mode = 0o666 & ~umask
    os.chmod(temporary, mode)  # noqa: PTH101  as above


def output_path(output: Path, source: str, extension: str) -> Path:
    """The file for one of several sources: `output/<name of the source>.<extension>`."""
    stem = Path(source).stem or "document"
    return output / f"{stem}.{extension}"
