"""The hand-made corpus: hostile documents, and what each of them must come to."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from torture.corpus.pdfs import PDFS
from torture.corpus.pictures import PICTURES

ISSUES = ("repaired", "frames_ignored")


@dataclass(frozen=True, slots=True)
class HostileFile:
    """`codes` are what reading its first page may come to, perhaps "OK"; `issues` what the document must say then."""

    name: str
    make: Callable[[], bytes]
    codes: frozenset[str]
    issues: frozenset[str]

    @property
    def file_name(self) -> str:
        """A name for a file system."""
        plain = "".join(letter if letter.isalnum() else "_" for letter in self.name)
        return f"{plain}.pdf" if self.name in PDFS else f"{plain}.png"


def hostile_files() -> Iterator[HostileFile]:
    """All of them, the PDFs first."""
    for name, (make, expected) in (PDFS | PICTURES).items():
        words = frozenset(expected.split())
        yield HostileFile(name, make, words.difference(ISSUES), words.intersection(ISSUES))


CORPUS = tuple(hostile_files())


def write_corpus(folder: Path) -> dict[HostileFile, Path]:
    """Write all files, in a process of its own: what making them needs must not be counted as the reader's."""
    subprocess.run([sys.executable, "-m", "torture.corpus.expectations", str(folder)], check=True)
    return {file: folder / file.file_name for file in CORPUS}


if __name__ == "__main__":
    for made in CORPUS:
        (Path(sys.argv[1]) / made.file_name).write_bytes(made.make())
