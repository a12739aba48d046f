"""Compare the reading order of this project, RapidOCR and PyMuPDF's layout over the same recognised lines.

    python -m benchmarks.layouts ../shared/data

Every page is recognised once. Its lines are then read in RapidOCR's own order, as this project orders them, and by
`pymupdf4llm` from a PDF page on which each line stands as text in its place. Distances are those of the whole text,
letters and digits alone, headers and footers left out of both; processor seconds are those of the layout, a page.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportMissingTypeStubs=false
# pyright: reportUnknownArgumentType=false, reportArgumentType=false
# pymupdf publishes no complete types.

import argparse
import contextlib
import html
import importlib
import io
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import pymupdf
from PIL import Image
from rapidfuzz.distance import Levenshtein

from ocr_mcp.emitters.markdown import block_to_markdown
from ocr_mcp.engines.embedded import worker
from ocr_mcp.model.blocks import BlockLabel
from ocr_mcp.model.geometry import PageUnit, Size, whole_page
from ocr_mcp.model.images import PageView
from ocr_mcp.parsing.layout.recognized import parse_recognized

DPI = 150
MAX_PX = 3000
"""Longest edge of a picture that is recognised."""

JPEG_QUALITY = 90
DOCLING = "docling_pdf/tests__data__pdf__{}__{}"
PRINTED = (
    "2305.03393v1-pg9",
    "amt_handbook_sample",
    "code_and_formula",
    "multi_page",
    "picture_classification",
    "table_mislabeled_as_picture",
)
SCANNED = {
    "tesseract_test/testing__phototest.tif": "tesseract_test/testing__phototest.gold.txt",
    "tesseract_test/testing__eurotext.tif": "tesseract_test/testing__eurotext.txt",
    "tesseract_test/testing__8071_093.3B.tif": "tesseract_test/testing__8071_093.3B.txt",
    "tesseract_test/testing__8087_054.3B.tif": "tesseract_test/testing__8087_054.3B.txt",
    "ocrmypdf/tests__resources__linn.png": "ocrmypdf/tests__resources__linn.txt",
}
MARGINS = (BlockLabel.PAGE_HEADER, BlockLabel.PAGE_FOOTER)


@dataclass(frozen=True)
class Recognised:
    """A page's picture size in pixels and the embedded engine's answer."""

    size: Size
    answer: str

    @property
    def lines(self) -> Sequence[dict[str, Any]]:
        """The page's lines in the order in which RapidOCR gives them."""
        return json.loads(self.answer)["lines"]


def find_documents(data: Path) -> Iterator[tuple[Path, Path]]:
    """Yield each document and its ground truth."""
    for name in PRINTED:
        yield data / DOCLING.format("sources", f"{name}.pdf"), data / DOCLING.format("groundtruth", f"{name}.md")
    for picture, truth in SCANNED.items():
        yield data / picture, data / truth


def recognise(path: Path) -> list[Recognised]:
    """Recognise each page of a document."""
    return [_recognise(picture) for picture in _draw(path)]


def _recognise(picture: Image.Image) -> Recognised:
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=JPEG_QUALITY)
    _, answer = worker.recognize({}, data.getvalue())
    return Recognised(Size(width=picture.width, height=picture.height), answer.decode())


def _draw(path: Path) -> Iterator[Image.Image]:
    if path.suffix != ".pdf":
        picture = Image.open(path).convert("RGB")
        picture.thumbnail((MAX_PX, MAX_PX))
        yield picture
        return
    with pymupdf.open(path) as document:
        for page in document:
            pixels = page.get_pixmap(dpi=DPI, alpha=False)
            yield Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)


def order_as_rapidocr(page: Recognised) -> str:
    """Return the lines as they come."""
    return "\n".join(line["text"] for line in page.lines)


def order_as_this_project(page: Recognised) -> str:
    """Return the Markdown of this project."""
    view = PageView(
        number=1,
        page_size=page.size,
        unit=PageUnit.PIXEL,
        region=whole_page(page.size),
        width_px=int(page.size.width),
        height_px=int(page.size.height),
        digest="",
    )
    blocks = (block for block in parse_recognized(page.answer, view).blocks if block.label not in MARGINS)
    return "\n\n".join(block_to_markdown(block, page_number=1, figure_number=0) for block in blocks)


def order_as_pymupdf(page: Recognised) -> str:
    """Return `pymupdf4llm`'s Markdown of a PDF page with these lines."""
    import pymupdf4llm

    importlib.import_module("pymupdf.layout")  # importing it switches the layout model on

    with contextlib.redirect_stdout(io.StringIO()):  # it prints what it is doing
        return str(pymupdf4llm.to_markdown(_write_pdf(page), header=False, footer=False, use_ocr=False))


def _write_pdf(page: Recognised) -> Any:
    scale = 72 / DPI
    document, font = pymupdf.open(), pymupdf.Font("helv")
    sheet = document.new_page(width=page.size.width * scale, height=page.size.height * scale)
    for line in page.lines:
        left, top, right, bottom = (edge * scale for edge in line["box"])
        size = max(3.0, 0.75 * (bottom - top))
        stretch = (right - left) / (font.text_length(line["text"], size) or 1.0)
        morph = (pymupdf.Point(left, bottom), pymupdf.Matrix(stretch, 1))
        sheet.insert_text((left, bottom - 0.22 * (bottom - top)), line["text"], fontsize=size, morph=morph)
    return pymupdf.open("pdf", document.tobytes())


def clean(text: str) -> str:
    """Return the letters and digits without markup."""
    text = re.sub(r"<!--.*?-->|!\[.*?\]\(.*?\)|</?[a-zA-Z][^>]*>", " ", text, flags=re.DOTALL)
    return re.sub(r"[^\w]", "", re.sub(r"\\([_*#$%&])", r"\1", html.unescape(text)))


READERS: dict[str, Callable[[Recognised], str]] = {
    "RapidOCR": order_as_rapidocr,
    "ours": order_as_this_project,
    "PyMuPDF": order_as_pymupdf,
}


def main() -> None:
    """Print a line for each document and the means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of real pages")
    data: Path = parser.parse_args().data
    distances: dict[str, list[float]] = {name: [] for name in READERS}
    seconds: dict[str, list[float]] = {name: [] for name in READERS}
    print(f"{'':30}", *(f"{name:>10}" for name in READERS))
    for path, truth in find_documents(data):
        pages = recognise(path)
        for name, read in READERS.items():
            started = time.process_time()
            text = "\n".join(map(read, pages))
            seconds[name].append((time.process_time() - started) / len(pages))
            wanted = clean(truth.read_text(errors="replace"))
            distances[name].append(Levenshtein.normalized_distance(clean(text), wanted))
        print(f"{path.stem[-30:]:30}", *(f"{distances[name][-1]:10.3f}" for name in READERS), flush=True)
    print(f"{'mean':30}", *(f"{fmean(distances[name]):10.3f}" for name in READERS))
    print(f"{'processor seconds a page':30}", *(f"{fmean(seconds[name]):10.3f}" for name in READERS))


if __name__ == "__main__":
    main()
