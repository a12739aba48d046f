"""Texts of real pages: the ground truths among the samples, and the text layers of their PDFs."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pymupdf publishes incomplete types.

import hashlib
import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pymupdf

PAGE_CHARACTERS = 6000
"""Length at which a text without page breaks is cut."""

_TEXT_PATTERNS = ("*.txt", "*.md", "*.itxt", "*.rst")


@dataclass(frozen=True)
class RealPage:
    """Text of a page, and where it is seen: page `number` of `picture`, which is None where only the text exists."""

    name: str
    text: str
    picture: Path | None = None
    number: int = 1

    @property
    def document(self) -> str:
        """Name of the file that the page is from."""
        return self.name.rsplit(" ", maxsplit=1)[0]

    @property
    def is_held_out(self) -> bool:
        """True for the half of the documents that no limit was chosen by."""
        return hashlib.sha256(self.document.encode()).digest()[0] % 2 == 1


def find_real_pages(data: Path) -> list[RealPage]:
    """Return every page; of pages with the same text the first one."""
    pages = {page.text: page for page in reversed([*_texts(data), *_tables(data), *_native_pages(data)])}
    return list(reversed(pages.values()))


def _texts(data: Path) -> Iterator[RealPage]:
    for path in sorted(path for pattern in _TEXT_PATTERNS for path in data.rglob(pattern)):
        yield from _cut(path.name, path.read_text("utf-8", errors="replace"))
    for path in sorted(data.rglob("*.hocr")):
        yield from _cut(path.name, html.unescape(re.sub(r"<[^>]+>", " ", path.read_text("utf-8"))))


def _cut(name: str, text: str) -> Iterator[RealPage]:
    for part, page in enumerate(text.split("\f"), start=1):
        for at in range(0, len(page), PAGE_CHARACTERS):
            piece = page[at : at + PAGE_CHARACTERS]
            if piece.strip():
                yield RealPage(f"{name} {part}.{at // PAGE_CHARACTERS + 1}", piece)


def _tables(data: Path) -> Iterator[RealPage]:
    """Yield PubTabNet's tables as HTML, as a model writes them."""
    folder = data / "pubtabnet_examples"
    for line in (folder / "PubTabNet_Examples.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        cells = iter("".join(cell["tokens"]) for cell in entry["html"]["cells"])
        tokens = entry["html"]["structure"]["tokens"]
        text = "".join(next(cells, "") + token if token == "</td>" else token for token in tokens)
        picture = next(folder.rglob(entry["filename"]), None)
        yield RealPage(entry["filename"], f"<table>{text}</table>", picture)


def _native_pages(data: Path) -> Iterator[RealPage]:
    pymupdf.TOOLS.mupdf_display_errors(False)
    for path in sorted(data.rglob("*.pdf")):
        try:
            yield from _native(path)
        except (RuntimeError, ValueError):
            continue  # many of the samples are damaged on purpose


def _native(path: Path) -> Iterator[RealPage]:
    with pymupdf.open(path) as document:
        for number in range(1, 0 if document.needs_pass else document.page_count + 1):
            text = str(document[number - 1].get_text())
            if text.strip():
                yield RealPage(f"{path.name} p{number}", text, path, number)
