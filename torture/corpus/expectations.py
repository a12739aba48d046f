"""The hand-made corpus of hostile documents, with the outcomes that each may have."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from torture.corpus.pdfs import PDFS
from torture.corpus.pictures import PICTURES

_ISSUES = ("repaired", "frames_ignored")


@dataclass(frozen=True, slots=True)
class HostileFile:
    """One file. Reading its first page may end in one of `codes`; if that is "OK", the document must have `issues`."""

    name: str
    make: Callable[[], bytes]
    codes: frozenset[str]
    issues: frozenset[str]

    @property
    def file_name(self) -> str:
        """Name of the file on disk."""
        plain = "".join(letter if letter.isalnum() else "_" for letter in self.name)
        return f"{plain}.pdf" if self.name in PDFS else f"{plain}.png"


def hostile_files() -> Iterator[HostileFile]:
    """Yield all files, the PDFs first."""
    for name, (make, expected) in (PDFS | PICTURES).items():
        words = frozenset(expected.split())
        yield HostileFile(name, make, words.difference(_ISSUES), words.intersection(_ISSUES))


CORPUS = tuple(hostile_files())


def write_corpus(folder: Path) -> dict[HostileFile, Path]:
    """Write all files in a process of its own, because the memory for making them must not count as the reader's."""
    subprocess.run([sys.executable, "-m", "torture.corpus.expectations", str(folder)], check=True)
    return {file: folder / file.file_name for file in CORPUS}


if __name__ == "__main__":
    for made in CORPUS:
        (Path(sys.argv[1]) / made.file_name).write_bytes(made.make())
