"""Real pages of `../shared/data` with their ground truths, as cases of the evaluation.

Files that are made for it (turned pictures, links with the names of olmOCR-bench) go to a folder of their own.
"""

import html
import json
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

from PIL import Image

from ocr_mcp.evaluation.cases import Case
from ocr_mcp.evaluation.folders import make_text_case, read_truth
from ocr_mcp.evaluation.olmocr_bench import load_olmocr_bench

SCANS = {
    "tesseract_test/testing__8071_093.3B.tif": "tesseract_test/testing__8071_093.3B.txt",
    "tesseract_test/testing__8087_054.3B.tif": "tesseract_test/testing__8087_054.3B.txt",
    "tesseract_test/testing__eurotext.tif": "tesseract_test/testing__eurotext.txt",
    "tesseract_test/testing__phototest.tif": "tesseract_test/testing__phototest.gold.txt",
    "ocrmypdf/tests__resources__linn.png": "ocrmypdf/tests__resources__linn.txt",
}
ROTATED = {
    "tesseract_test/testing__phototest-rotated-180.png": "tesseract_test/testing__phototest.gold.txt",
    "tesseract_test/testing__phototest-rotated-L.png": "tesseract_test/testing__phototest.gold.txt",
    "tesseract_test/testing__phototest-rotated-R.png": "tesseract_test/testing__phototest.gold.txt",
}
DOCLING = "docling_pdf/tests__data__pdf__{}__{}"
PRINTED = (
    "2305.03393v1-pg9",
    "amt_handbook_sample",
    "code_and_formula",
    "picture_classification",
    "table_mislabeled_as_picture",
    "multi_page",
    "normal_4pages",
)
BOOK = "pypdf_samples/009-pdflatex-geotopo__GeoTopo-komprimiert.pdf"
BOOK_TEXT = "pypdf_samples/read__extraction-ground-truth__GeoTopo-book.txt"
OLMOCR = "olmocr_bench_sample"
OLMOCR_NAME = "olmocr__bench__sample_data__pdfs__"
TABLES = "pubtabnet_examples"


def load_scans(data: Path) -> list[Case]:
    """Return photographed and scanned pages with texts that people wrote."""
    return [_case(data, "scanned", picture, truth) for picture, truth in SCANS.items()]


def turn_scans(data: Path, made: Path) -> list[Case]:
    """Return the scans turned by 90, 180 or 270 degrees clockwise, in this order, and those that came turned."""
    cases = [_case(data, "rotated", picture, truth) for picture, truth in ROTATED.items()]
    for (picture, truth), angle in zip(SCANS.items(), cycle((90, 180, 270)), strict=False):
        path = made / f"{Path(picture).stem}-{angle}.png"
        with Image.open(data / picture) as upright:
            upright.convert("RGB").rotate(-angle, expand=True).save(path)
        cases.append(make_text_case(path.stem, path, "rotated", (1,), read_truth(data / truth), ".txt"))
    return cases


def load_printed(data: Path) -> list[Case]:
    """Return born-digital pages with Markdown that Docling made and people reviewed."""
    return [_load_printed(data, name) for name in PRINTED]


def _load_printed(data: Path, name: str) -> Case:
    truth = read_truth(data / DOCLING.format("groundtruth", f"{name}.md"))
    source = data / DOCLING.format("sources", f"{name}.pdf")
    pages = {"multi_page": None, "normal_4pages": None, "code_and_formula": None, "picture_classification": None}
    return make_text_case(name, source, "printed", pages.get(name, (1,)), truth, ".md")


def load_tables(data: Path) -> Iterator[Case]:
    """Yield PubTabNet's published examples: pictures of tables with their HTML."""
    for line in (data / TABLES / "PubTabNet_Examples.jsonl").read_text().splitlines():
        example = json.loads(line)
        source = data / TABLES / example["filename"]
        if source.is_file():
            yield make_text_case(source.stem, source, "tables", (1,), table_html(example["html"]), ".html")


def table_html(example: dict[str, Any]) -> str:
    """Return PubTabNet's tokens as HTML: the texts of cells go into the structure in their order."""
    cells = iter(example["cells"])
    parts: list[str] = []
    for token in example["structure"]["tokens"]:
        if token == "</td>":
            parts.append("".join(_token(each) for each in next(cells)["tokens"]))
        parts.append(token)
    return f"<table>{''.join(parts)}</table>"


def _token(token: str) -> str:
    return token if len(token) > 1 else html.escape(token, quote=False)


def load_olmocr(data: Path, made: Path) -> list[Case]:
    """Return olmOCR-bench's sample tests about the PDFs that are among the samples."""
    (tests,) = (data / OLMOCR).glob("*dataset.jsonl")
    (made / "olmocr.jsonl").write_text(tests.read_text("utf-8"), "utf-8")
    for pdf in (data / OLMOCR).glob("*.pdf"):
        place = made / "pdfs" / pdf.name.removeprefix(OLMOCR_NAME).replace("__", "/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        place.symlink_to(pdf.resolve())
    return load_olmocr_bench([made / "olmocr.jsonl"])


def load_book(data: Path) -> list[Case]:
    """Return a book of 117 pages that LaTeX made, with a text that people wrote."""
    return [make_text_case("GeoTopo", data / BOOK, "book", None, read_truth(data / BOOK_TEXT), ".txt")]


def _case(data: Path, kind: str, picture: str, truth: str) -> Case:
    return make_text_case(Path(picture).stem, data / picture, kind, (1,), read_truth(data / truth), ".txt")
