"""Text of real pages: every ground truth among the shared samples, and what their PDFs say themselves."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pymupdf publishes incomplete types.

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pymupdf

PAGE_CHARACTERS = 6000
_TEXTS = ("*.txt", "*.md", "*.itxt", "*.rst")


def real_pages(data: Path) -> Iterator[tuple[str, str]]:
    """Name and text of each page; texts without page breaks are cut into pages of `PAGE_CHARACTERS`."""
    for pattern in _TEXTS:
        for path in sorted(data.rglob(pattern)):
            yield from _cut(path.name, path.read_text("utf-8", errors="replace"))
    for path in sorted(data.rglob("*.hocr")):
        yield from _cut(path.name, html.unescape(re.sub(r"<[^>]+>", " ", path.read_text("utf-8"))))
    yield from _tables(data / "pubtabnet_examples" / "PubTabNet_Examples.jsonl")
    for path in sorted(data.rglob("*.pdf")):
        yield from _native(path)


def _cut(name: str, text: str) -> Iterator[tuple[str, str]]:
    for part, page in enumerate(text.split("\f"), start=1):
        for at in range(0, len(page), PAGE_CHARACTERS):
            if page[at : at + PAGE_CHARACTERS].strip():
                yield f"{name} {part}.{at // PAGE_CHARACTERS + 1}", page[at : at + PAGE_CHARACTERS]


def _tables(path: Path) -> Iterator[tuple[str, str]]:
    """PubTabNet's tables as a model writes them: HTML."""
    for line in path.read_text("utf-8").splitlines():
        entry = json.loads(line)
        cells = iter("".join(cell["tokens"]) for cell in entry["html"]["cells"])
        tokens = entry["html"]["structure"]["tokens"]
        yield entry["filename"], "".join(next(cells, "") + token if token == "</td>" else token for token in tokens)


def _native(path: Path) -> Iterator[tuple[str, str]]:
    try:
        with pymupdf.open(path) as document:
            if document.needs_pass:
                return
            for page in document:
                text = str(page.get_text())
                if text.strip():
                    yield f"{path.name} p{page.number + 1}", text
    except (RuntimeError, ValueError):
        return  # many of the samples are damaged on purpose
