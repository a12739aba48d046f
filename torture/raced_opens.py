"""Read through a link in an allowed folder that is swapped between inside and outside as fast as the machine can.

Every read must return the file that lies inside, or an error. A careless reader (check the real path, then open) is
raced beside it for a hundredth of the reads, to show that the swaps do hit the moment between a check and its use.
"""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from ocr_mcp.errors import SourceError
from ocr_mcp.files.access import AccessPolicy, read_file
from torture.harness.verdict import Verdict, conclude

FULL = 1_000_000
QUICK = 20_000
"""Reads."""

_INSIDE, _OUTSIDE = b"inside", b"outside"

# Two links to folders change places by a rename, so the name is never missing.
_SWAPPER = """
import os, sys
from pathlib import Path
root = Path(sys.argv[1])
while True:
    for target in ("real", "../root-evil"):
        os.symlink(target, root / "next")
        os.rename(root / "next", root / "link")
"""


def run(count: int) -> Verdict:
    """Read so often through the swapped link."""
    with tempfile.TemporaryDirectory(prefix="ocr-mcp-race-") as folder:
        root = _make_folders(Path(folder))
        path = root / "link" / "scan.pdf"
        policy = AccessPolicy(allowed_folders=(root,), allow_urls=False)
        with _swapping(root):
            careful = _tally(lambda: read_file(path, policy), count)
            careless = _tally(lambda: _check_then_open(path, root), max(1000, count // 100))
    figures = (
        f"{count} raced opens: {careful['escaped']} escapes, {careful['read']} read, {careful['refused']} refused;"
        f" check-then-open beside it: {careless['escaped']} of {careless.total()}"
    )
    return Verdict(figures, careful["escaped"] == 0 and min(careful["read"], careful["refused"]) > 0)


def _make_folders(folder: Path) -> Path:
    for name, content in (("root/real", _INSIDE), ("root-evil", _OUTSIDE)):
        (folder / name).mkdir(parents=True)
        (folder / name / "scan.pdf").write_bytes(content)
    (folder / "root" / "link").symlink_to("real")
    return folder / "root"


@contextmanager
def _swapping(root: Path) -> Generator[None]:
    with subprocess.Popen([sys.executable, "-c", _SWAPPER, str(root)]) as swapper:
        try:
            yield
        finally:
            swapper.kill()


def _tally(read: Callable[[], object], count: int) -> Counter[str]:
    found: Counter[str] = Counter()
    for _ in range(count):
        try:
            found["escaped" if read() == _OUTSIDE else "read"] += 1
        except (SourceError, OSError):
            found["refused"] += 1
    return found


def _check_then_open(path: Path, root: Path) -> bytes:
    """Read in the careless way that this program must avoid."""
    if not Path(os.path.realpath(path)).is_relative_to(root):
        raise PermissionError
    return path.read_bytes()


if __name__ == "__main__":
    conclude(run, full=FULL)
