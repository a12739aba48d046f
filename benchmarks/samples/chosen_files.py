"""A choice of documents from a folder of samples, spread over its folders and the same on every run."""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest
from pathlib import Path

ENDINGS = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".gif", ".bmp"})
MAX_BYTES = 3_000_000
"""Larger files take minutes to read and show nothing that small ones do not."""

DAMAGED = "malformed"
"""Folders with this in their names hold files that were damaged on purpose."""


def choose_files(data: Path, count: int) -> list[Path]:
    """Return up to `count` files, taken from the folders by turns. A new file moves few of the others."""
    return list(islice(_spread(data, data), count))


def _spread(folder: Path, data: Path) -> Iterator[Path]:
    """Yield the files in and below a folder: one of its own, one of each folder in it, and again."""
    entries = sorted(folder.iterdir())
    own = sorted((path for path in entries if _is_document(path)), key=lambda path: _rank(path, data))
    folders = [_spread(path, data) for path in entries if path.is_dir() and DAMAGED not in path.name]
    sources: Sequence[Iterator[Path]] = [iter(own), *folders]
    for turn in zip_longest(*sources):
        yield from (path for path in turn if path is not None)


def _is_document(path: Path) -> bool:
    return path.suffix.lower() in ENDINGS and path.is_file() and path.stat().st_size <= MAX_BYTES


def _rank(path: Path, data: Path) -> bytes:
    # A hash of the name mixes the kinds of files that an alphabetical order keeps together.
    return hashlib.sha256(path.relative_to(data).as_posix().encode()).digest()
