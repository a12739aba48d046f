"""olmOCR-bench's own tests (present, absent, order, table; not math) on what a program makes of a PDF.

    python -m benchmarks.olmocr_tests ../shared/data/olmocr_bench_sample

compares how this project reads the own text of the PDFs that are there with `pymupdf4llm`. The rules are those
of olmOCR's `bench/tests.py`: text is compared after normalising, by the best partial match, at most `max_diffs` edits.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportMissingTypeStubs=false

import argparse
import asyncio
import contextlib
import io
import json
import re
import resource
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

Test = dict[str, Any]
Row = list[str]

_QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-", "­": "", "＿": "_"})


def normalised(text: str) -> str:
    """As olmOCR compares: one space for white space, no emphasis, plain quotes and dashes."""
    text = re.sub(r"<br\s*/?>", " ", text)
    text = re.sub(r"(\*\*|__|\*|\b_|_\b)(?=\S)(.*?\S)\1", r"\2", text)
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).translate(_QUOTES).strip()


def passes(test: Test, markdown: str) -> bool:
    """Whether the Markdown of a page passes one test."""
    checks: dict[str, Callable[[Test, str], bool]] = {
        "present": _present,
        "absent": _absent,
        "order": _in_order,
        "table": _in_table,
        "baseline": _is_readable,
    }
    return checks[test["type"]](test, markdown)


def _absent(test: Test, markdown: str) -> bool:
    return not _present(test, markdown)


def _threshold(test: Test, text: str) -> float:
    return 100.0 * (1.0 - int(test.get("max_diffs") or 0) / max(1, len(text)))


def _present(test: Test, markdown: str) -> bool:
    text, wanted = normalised(markdown), normalised(test["text"])
    if test.get("case_sensitive", True) is False:
        text, wanted = text.lower(), wanted.lower()
    first, last = test.get("first_n"), test.get("last_n")
    if first or last:
        text = (text[: int(first)] if first else "") + (text[-int(last) :] if last else "")
    return fuzz.partial_ratio(wanted, text) >= _threshold(test, wanted)


def _in_order(test: Test, markdown: str) -> bool:
    text = normalised(markdown)
    before, after = (list(_places(normalised(test[key]), text, test)) for key in ("before", "after"))
    return bool(before and after) and min(before) < max(after)


def _places(wanted: str, text: str, test: Test) -> Iterator[int]:
    start = 0
    while (found := fuzz.partial_ratio_alignment(wanted, text[start:])) and found.score >= _threshold(test, wanted):
        yield start + found.dest_start
        start += found.dest_start + 1


def _in_table(test: Test, markdown: str) -> bool:
    return any(_table_passes(test, rows) for rows in (*_pipe_tables(markdown), *_html_tables(markdown)))


def _table_passes(test: Test, rows: list[Row]) -> bool:
    return any(
        _alike(test["cell"], cell, test)
        and all(_relation(test, key, rows, r, c) for key in _RELATIONS if test.get(key))
        for r, row in enumerate(rows)
        for c, cell in enumerate(row)
    )


_RELATIONS = ("up", "down", "left", "right", "top_heading", "left_heading")


def _relation(test: Test, key: str, rows: list[Row], r: int, c: int) -> bool:
    """The neighbour, or for headings any cell above or to the left, as olmOCR looks for them."""
    cells = {
        "up": lambda: [rows[r - 1][c]] if r and c < len(rows[r - 1]) else [],
        "down": lambda: [rows[r + 1][c]] if r + 1 < len(rows) and c < len(rows[r + 1]) else [],
        "left": lambda: rows[r][c - 1 : c] if c else [],
        "right": lambda: rows[r][c + 1 : c + 2],
        "top_heading": lambda: [row[c] for row in rows[:r] if c < len(row)],
        "left_heading": lambda: rows[r][:c],
    }[key]()
    return any(_alike(test[key], cell, test) for cell in cells)


def _alike(wanted: str, cell: str, test: Test) -> bool:
    wanted, cell = normalised(wanted), normalised(cell)
    return fuzz.ratio(wanted, cell) >= max(50.0, _threshold(test, wanted))


def _is_readable(_: Test, markdown: str) -> bool:
    return any(character.isalnum() for character in markdown)


def _pipe_tables(markdown: str) -> Iterator[list[Row]]:
    for block in re.findall(r"(?:^[ \t]*\|.*\|[ \t]*\n?)+", markdown, re.MULTILINE):
        lines = [line.strip() for line in block.splitlines()]
        yield [
            [cell.replace("\\|", "|").strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            for line in lines
            if not re.fullmatch(r"[|:\-\s]+", line)
        ]


class _Tables(HTMLParser):
    """The cells of every table, spans filled in."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[Row]] = []
        self._spans: dict[tuple[int, int], str] = {}
        self._cell: list[str] | None = None
        self._size = (1, 1)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "table":
            self.tables.append([])
            self._spans = {}
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self._cell = []
            self._size = (int(said.get("rowspan") or 1), int(said.get("colspan") or 1))

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("td", "th") or self._cell is None or not self.tables or not self.tables[-1]:
            return
        text, self._cell = "".join(self._cell).strip(), None
        row, number = self.tables[-1][-1], len(self.tables[-1]) - 1
        self._fill(row, number)
        for extra in range(self._size[1]):
            for down in range(1, self._size[0]):
                self._spans[number + down, len(row) + 0] = text
            row.append(text if not extra or self._size[1] > 1 else "")

    def _fill(self, row: Row, number: int) -> None:
        while (number, len(row)) in self._spans:
            row.append(self._spans.pop((number, len(row))))


def _html_tables(markdown: str) -> list[list[Row]]:
    parser = _Tables()
    parser.feed(markdown)
    return parser.tables


def tests_by_pdf(folder: Path) -> dict[Path, list[Test]]:
    """The tests of the pages that are there, without math."""
    (dataset,) = folder.glob("*dataset.jsonl")
    found: dict[Path, list[Test]] = {}
    for line in dataset.read_text().splitlines():
        test = json.loads(line) if line.strip() else {"type": "math"}
        path = _pdf_of(folder, test) if test["type"] != "math" else None
        if path is not None:
            found.setdefault(path, []).append(test)
    return found


def _pdf_of(folder: Path, test: Test) -> Path | None:
    names = (test["pdf"], f"pdfs/{test['pdf']}", f"olmocr__bench__sample_data__pdfs__{test['pdf'].replace('/', '__')}")
    return next((path for name in names if (path := folder / name).exists()), None)


async def native(path: Path, page: int) -> str:
    """Our Markdown, without headers and footers, as an agent gets it."""
    from ocr_mcp.app.reader import Reader
    from ocr_mcp.emitters.markdown import page_to_markdown
    from ocr_mcp.model.blocks import BlockLabel
    from ocr_mcp.pipeline import ReadOptions
    from ocr_mcp.settings import Settings

    margins = (BlockLabel.PAGE_HEADER, BlockLabel.PAGE_FOOTER)
    async with Reader(Settings(engine="embedded", cache_mb=0)) as reader:
        read = (await reader.read_page(str(path), page, ReadOptions())).page
    blocks = tuple(block for block in read.blocks if block.label not in margins)
    return page_to_markdown(read.model_copy(update={"blocks": blocks}))


def peer(path: Path, page: int, *, margins: bool) -> str:
    """`pymupdf4llm`'s Markdown, with or without headers and footers."""
    with contextlib.redirect_stdout(io.StringIO()):  # it prints what it is doing
        return _peer(path, page, {} if margins else {"header": False, "footer": False})


def _peer(path: Path, page: int, options: dict[str, bool]) -> str:
    import pymupdf4llm  # pyright: ignore[reportMissingTypeStubs]

    markdown = pymupdf4llm.to_markdown(str(path), pages=[page - 1], **options)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  no types
    return str(markdown)  # pyright: ignore[reportUnknownArgumentType]  as above


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", action="store_true", help="each test that is failed")
    options = parser.parse_args()
    totals: Counter[str] = Counter()
    for path, tests in tests_by_pdf(options.folder).items():
        for name, read in _readers().items():
            started = _cpu_seconds()
            texts = {page: read(path, page) for page in {int(test["page"]) for test in tests}}
            failed = [test for test in tests if not passes(test, texts[int(test["page"])])]
            totals[name] += len(tests) - len(failed)
            totals["tests"] += len(tests) if name == "native" else 0
            print(f"{path.name[-44:]:45} {name:22} {len(tests) - len(failed)}/{len(tests)}", end="")
            print(f"  {_cpu_seconds() - started:.2f} CPU-s")
            for test in failed if options.show else ():
                print("     ", {key: value for key, value in test.items() if key not in ("pdf", "url", "checked")})
    print(dict(totals))


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + used.ru_utime + used.ru_stime


def _readers() -> dict[str, Callable[[Path, int], str]]:
    return {
        "native": lambda path, page: asyncio.run(native(path, page)),
        "pymupdf4llm": lambda path, page: peer(path, page, margins=True),
        "pymupdf4llm, no margins": lambda path, page: peer(path, page, margins=False),
    }


if __name__ == "__main__":
    main()
