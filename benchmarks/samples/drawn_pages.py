"""Pages of different kinds that are drawn together with their true text, for machines without real samples."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pymupdf publishes incomplete types.

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pymupdf
from PIL import Image

from benchmarks.samples import drawn_texts as texts
from benchmarks.samples.paper import Block, Table, Typeface, draw_pdf, join_markdown
from benchmarks.samples.scanning import Scan, clean, noisy, tilted_copy, turned_left, upside_down
from examples import make_examples as invoice

SCAN_DPI = 150
JPEG_QUALITY = 80

TIMES, HELVETICA, COURIER = Typeface(), Typeface("helv", 10.5), Typeface("cour", 10.5)
SMALL = Typeface("tiro", 9.5)


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """One page: `pdf` with its text as it was set, the scan that makes its picture, and its true text as Markdown."""

    kind: str
    name: str
    pdf: bytes
    scan: Scan
    markdown: str

    def picture(self) -> Image.Image:
        """Return the page as the scan sees it, in grey."""
        with pymupdf.open("pdf", self.pdf) as document:
            pixels = document[0].get_pixmap(dpi=SCAN_DPI, colorspace=pymupdf.csGRAY)
        return self.scan(Image.frombytes("L", (pixels.width, pixels.height), pixels.samples))

    def drawn_text(self) -> str:
        """Return the text that stands on the page, read back from the PDF."""
        with pymupdf.open("pdf", self.pdf) as document:
            return str(document[0].get_text(clip=document[0].rect))


def draw_pages() -> list[DrawnPage]:
    """Draw all pages, the same ones every time."""
    return [
        _page("letters/letter", TIMES, clean, texts.LETTER),
        _page("letters/notice", HELVETICA, invoice.scanned, texts.NOTICE),
        _page("letters/typed", COURIER, clean, texts.TYPED),
        _page("columns/two", TIMES, clean, texts.ARTICLE_LEFT, texts.ARTICLE_RIGHT, title=texts.ARTICLE_TITLE),
        _page("columns/three", SMALL, clean, *texts.NEWS_COLUMNS, title=texts.NEWS_TITLE),
        _page("tables/ruled", HELVETICA, clean, texts.RULED_TABLE),
        _page("tables/unruled", HELVETICA, clean, texts.UNRULED_TABLE),
        _page("lists/numbered", TIMES, clean, texts.HANDBOOK),
        _invoice(),
        _page("turned/on-its-side", TIMES, turned_left, texts.MINUTES),
        _page("turned/upside-down", HELVETICA, upside_down, texts.CONTRACT),
        _page("scans/noisy", TIMES, noisy, texts.REPORT),
        _page("scans/tilted-copy", TIMES, tilted_copy, texts.CONTRACT),
    ]


def write_pages(folder: Path, pages: Sequence[DrawnPage]) -> None:
    """Write each page as a picture with its true text beside it, in the form that `ocr-mcp eval` takes."""
    for page in pages:
        place = folder / page.kind / page.name
        place.parent.mkdir(parents=True, exist_ok=True)
        if page.scan is clean:
            page.picture().save(place.with_suffix(".png"))
        else:
            page.picture().save(place.with_suffix(".jpg"), quality=JPEG_QUALITY)
        place.with_suffix(".md").write_text(page.markdown, "utf-8")


def _page(
    path: str, typeface: Typeface, scan: Scan, *columns: Sequence[Block], title: Sequence[Block] = ()
) -> DrawnPage:
    kind, name = path.split("/")
    return DrawnPage(kind, name, draw_pdf(title, columns, typeface), scan, join_markdown(title, columns))


def _invoice() -> DrawnPage:
    """Draw the invoice of the examples, scanned as there."""
    pdf = bytes(invoice.draw_invoice().document.tobytes(garbage=3, no_new_id=True))
    return DrawnPage("invoices", "invoice", pdf, invoice.scanned, _invoice_markdown())


def _invoice_markdown() -> str:
    name, *address = invoice.SELLER
    details = "\n".join(f"{label} {value}" for label, value in invoice.DETAILS)
    parts = [
        f"# {name}",
        "# INVOICE",
        "  ·  ".join(address),
        "Bill to\n" + "\n".join(invoice.BUYER),
        details,
        _invoice_items().markdown,
        "\n".join(f"{label} {invoice.money(amount)}" for label, amount in invoice.totals()),
        "\n".join(invoice.NOTES),
        f"{name}, registered in Ireland no. 604417",
        "Page 1 of 1",
    ]
    return "\n\n".join(parts) + "\n"


def _invoice_items() -> Table:
    header = ("Description", "Quantity", "Unit price EUR", "Amount EUR")
    rows = [
        (item.description, str(item.quantity), invoice.money(item.unit_price), invoice.money(item.amount))
        for item in invoice.ITEMS
    ]
    return Table((header, *rows), shares=(0.4, 0.2, 0.2, 0.2))
