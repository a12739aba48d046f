"""Makes `invoice.pdf`, a scanned invoice without a text layer, and `chart.png`, a bar chart. All data is invented.

    python examples/make_examples.py [FOLDER]

The same libraries give the same bytes every time: the noise is seeded and the PDF carries no date.
"""

# PyMuPDF annotates only a part of its arguments:
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

import numpy as np
import pymupdf
from PIL import Image, ImageDraw, ImageFilter, ImageFont

# ---------------------------------------------------------------- the invoice's data


@dataclass(frozen=True)
class Item:
    """One line of the invoice."""

    description: str
    quantity: Decimal
    unit_price: Decimal

    @property
    def amount(self) -> Decimal:
        """Quantity times price, to the cent."""
        return (self.quantity * self.unit_price).quantize(Decimal("0.01"))


INVOICE_NUMBER = "INV-2026-0417"
SELLER = ("Fenwick Lane Joinery Ltd", "14 Quarry Row", "Galway", "VAT no. IE 0000417F")
BUYER = ("Marlow Street Library", "Attn. Ms Ines Halloran", "3 Marlow Street", "Limerick")
DETAILS = (
    ("Invoice number", INVOICE_NUMBER),
    ("Invoice date", "14 September 2026"),
    ("Due date", "14 October 2026"),
    ("Order", "PO 88-2031"),
)
ITEMS = (
    Item("Site survey and drawings", Decimal(1), Decimal("480.00")),
    Item("Oak shelving, 240 x 30 cm", Decimal(6), Decimal("89.50")),
    Item("Steel wall brackets, pair", Decimal(12), Decimal("14.25")),
    Item("Reading desk, ash, oiled", Decimal(2), Decimal("615.00")),
    Item("Delivery and fitting, hours", Decimal("7.5"), Decimal("54.00")),
)
VAT_PERCENT = 23
NOTES = (
    "Payment within 30 days by bank transfer. Please quote the invoice number.",
    "All furniture remains the property of the seller until it is paid in full.",
)

# ---------------------------------------------------------------- drawing the invoice

A4 = (595.0, 842.0)
LEFT, RIGHT = 56.0, 539.0
COLUMNS = (LEFT + 6, 330.0, 436.0, RIGHT - 6)  # left edge of the description; right edges of the three numbers
Colour = tuple[float, float, float]
INK: Colour = (0.08, 0.08, 0.1)
GREY: Colour = (0.38, 0.38, 0.4)
SHADE: Colour = (0.88, 0.88, 0.88)
Font = Literal["helv", "hebo"]


class Sheet:
    """An A4 page to write on; positions in points from the top left corner, text positions on the base line."""

    def __init__(self) -> None:
        self.document = pymupdf.open()
        self.page = self.document.new_page(width=A4[0], height=A4[1])

    def left(self, x: float, y: float, text: str, *, size: float = 10, font: Font = "helv", ink: Colour = INK) -> None:
        """Text that starts at x."""
        self.page.insert_text((x, y), text, fontsize=size, fontname=font, color=ink)

    def right(self, x: float, y: float, text: str, *, size: float = 10, font: Font = "helv", ink: Colour = INK) -> None:
        """Text that ends at x."""
        self.left(
            x - pymupdf.get_text_length(text, fontname=font, fontsize=size), y, text, size=size, font=font, ink=ink
        )

    def rule(self, y: float, *, left: float = LEFT, width: float = 0.6) -> None:
        """A line to the right margin."""
        self.page.draw_line((left, y), (RIGHT, y), color=INK, width=width)

    def shade(self, top: float, bottom: float) -> None:
        """A grey bar from margin to margin."""
        self.page.draw_rect((LEFT, top, RIGHT, bottom), color=SHADE, fill=SHADE)

    def picture(self, dpi: int) -> Image.Image:
        """The page as grey pixels."""
        pixels = self.page.get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY)
        return Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)


def money(amount: Decimal) -> str:
    """1234.5 as 1,234.50."""
    return f"{amount:,.2f}"


def draw_letterhead(sheet: Sheet) -> None:
    """The seller on the left, the word INVOICE on the right, a heavy rule below."""
    name, *address = SELLER
    sheet.left(LEFT, 74, name, size=17, font="hebo")
    sheet.left(LEFT, 92, "  ·  ".join(address), size=9, ink=GREY)
    sheet.right(RIGHT, 76, "INVOICE", size=24, font="hebo")
    sheet.rule(106, width=1.6)


def draw_parties(sheet: Sheet) -> None:
    """The buyer's address, and the numbers and dates beside it."""
    sheet.left(LEFT, 140, "Bill to", size=9, ink=GREY)
    for index, line in enumerate(BUYER):
        sheet.left(LEFT, 157 + 15 * index, line, size=11, font="helv" if index else "hebo")
    for index, (name, value) in enumerate(DETAILS):
        sheet.left(340, 142 + 18 * index, name, ink=GREY)
        sheet.right(RIGHT, 142 + 18 * index, value, size=10.5, font="helv" if index else "hebo")


def draw_row(sheet: Sheet, y: float, cells: Sequence[str], font: Font = "helv") -> None:
    """One row of the table: a description and three numbers."""
    sheet.left(COLUMNS[0], y, cells[0], size=10.5, font=font)
    for edge, cell in zip(COLUMNS[1:], cells[1:], strict=True):
        sheet.right(edge, y, cell, size=10.5, font=font)


def draw_items(sheet: Sheet, top: float) -> float:
    """The table of items; its lower edge."""
    sheet.shade(top, top + 24)
    draw_row(sheet, top + 16, ("Description", "Quantity", "Unit price EUR", "Amount EUR"), "hebo")
    for index, item in enumerate(ITEMS, start=1):
        draw_row(
            sheet,
            top + 16 + 27 * index,
            (item.description, str(item.quantity), money(item.unit_price), money(item.amount)),
        )
        sheet.rule(top + 25 + 27 * index, width=0.4)
    return top + 25 + 27 * len(ITEMS)


def totals() -> tuple[tuple[str, Decimal], ...]:
    """Subtotal, VAT and total."""
    subtotal = sum((item.amount for item in ITEMS), Decimal(0))
    vat = (subtotal * VAT_PERCENT / 100).quantize(Decimal("0.01"))
    return ("Subtotal", subtotal), (f"VAT {VAT_PERCENT} %", vat), ("Total EUR", subtotal + vat)


def draw_totals(sheet: Sheet, top: float) -> None:
    """The sums under the amounts, the total between rules."""
    *parts, (name, total) = totals()
    for index, (part, amount) in enumerate(parts):
        sheet.left(352, top + 24 + 20 * index, part, size=10.5)
        sheet.right(COLUMNS[3], top + 24 + 20 * index, money(amount), size=10.5)
    sheet.rule(top + 56, left=346, width=1.2)
    sheet.left(352, top + 75, name, size=13, font="hebo")
    sheet.right(COLUMNS[3], top + 75, money(total), size=13, font="hebo")
    sheet.rule(top + 85, left=346, width=1.2)


def draw_invoice() -> Sheet:
    """The whole page, as it left the seller's printer."""
    sheet = Sheet()
    draw_letterhead(sheet)
    draw_parties(sheet)
    draw_totals(sheet, draw_items(sheet, top=252))
    for index, note in enumerate(NOTES):
        sheet.left(LEFT, 620 + 15 * index, note, size=9.5, ink=GREY)
    sheet.rule(776, width=0.4)
    sheet.left(LEFT, 790, f"{SELLER[0]}, registered in Ireland no. 604417", size=8, ink=GREY)
    sheet.right(RIGHT, 790, "Page 1 of 1", size=8, ink=GREY)
    return sheet


# ---------------------------------------------------------------- scanning the invoice

SCAN_DPI = 150
TILT_DEGREES = 0.35
JPEG_QUALITY = 62


def scanned(page: Image.Image) -> Image.Image:
    """The page as a flatbed sees it: tilted, a little soft, off-white, noisy, darker towards the spine of the lid."""
    tilted = page.rotate(TILT_DEGREES, resample=Image.Resampling.BICUBIC, fillcolor=255)
    soft = np.asarray(tilted.filter(ImageFilter.GaussianBlur(0.45)), dtype=np.float32)
    grain = np.random.default_rng(seed=417).normal(0.0, 3.0, soft.shape)
    shadow = 14.0 * np.exp(-np.arange(soft.shape[1]) / 45.0)
    grey = 22.0 + soft * (224.0 / 255.0) + grain - shadow[np.newaxis, :]
    return Image.fromarray(grey.clip(0, 255).astype(np.uint8))


def make_invoice() -> bytes:
    """A PDF of one A4 page that holds nothing but the picture of the scan."""
    picture = io.BytesIO()
    scanned(draw_invoice().picture(SCAN_DPI)).save(picture, "JPEG", quality=JPEG_QUALITY, optimize=True)
    document = pymupdf.open()
    document.new_page(width=A4[0], height=A4[1]).insert_image((0, 0, *A4), stream=picture.getvalue())
    return document.tobytes(garbage=3, no_new_id=True)


# ---------------------------------------------------------------- the chart

CHART_TITLE = "Visitors per quarter (thousands)"
CATEGORIES = ("Q1", "Q2", "Q3", "Q4")
SERIES = (("2025", (42, 58, 73, 51), "#4C78A8"), ("2026", (47, 66, 81, 60), "#F58518"))
CHART_SIZE = (960, 600)
PLOT_LEFT, PLOT_TOP, PLOT_RIGHT, PLOT_BOTTOM = 90, 120, 920, 510
AXIS_MAX, AXIS_STEP = 100, 20
BAR_WIDTH = 70


class Canvas:
    """A white picture to draw a chart on; positions in pixels."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.image = Image.new("RGB", size, "white")
        self.draw = ImageDraw.Draw(self.image)

    def text(self, x: float, y: float, text: str, *, size: int = 20, anchor: str = "mm", ink: str = "#333333") -> None:
        """Text in Pillow's own font; `anchor` says which point of it lies at (x, y)."""
        self.draw.text((x, y), text, font=ImageFont.load_default(size=size), anchor=anchor, fill=ink)


def height_of(value: float) -> float:
    """The y of a value in the plot."""
    return PLOT_BOTTOM - value / AXIS_MAX * (PLOT_BOTTOM - PLOT_TOP)


def draw_axes(canvas: Canvas) -> None:
    """Grid lines with their values, and the base line."""
    for value in range(0, AXIS_MAX + 1, AXIS_STEP):
        y = height_of(value)
        canvas.draw.line((PLOT_LEFT, y, PLOT_RIGHT, y), fill="#333333" if value == 0 else "#DDDDDD", width=2)
        canvas.text(PLOT_LEFT - 14, y, str(value), size=18, anchor="rm")


def draw_bars(canvas: Canvas) -> None:
    """For each category a bar of each series, side by side, with its value on top."""
    step = (PLOT_RIGHT - PLOT_LEFT) / len(CATEGORIES)
    for group, category in enumerate(CATEGORIES):
        middle = PLOT_LEFT + step * (group + 0.5)
        canvas.text(middle, PLOT_BOTTOM + 28, category, size=22)
        for index, (_, values, colour) in enumerate(SERIES):
            left = middle + (index - len(SERIES) / 2) * BAR_WIDTH
            top = height_of(values[group])
            canvas.draw.rectangle((left + 3, top, left + BAR_WIDTH - 3, PLOT_BOTTOM - 1), fill=colour)
            canvas.text(left + BAR_WIDTH / 2, top - 16, str(values[group]))


def draw_legend(canvas: Canvas) -> None:
    """A square and a name for each series, under the title."""
    for index, (name, _, colour) in enumerate(SERIES):
        x = CHART_SIZE[0] / 2 - 110 + 130 * index
        canvas.draw.rectangle((x, 76, x + 20, 96), fill=colour)
        canvas.text(x + 30, 86, name, anchor="lm")


def make_chart() -> bytes:
    """A PNG with two series over four quarters."""
    canvas = Canvas(CHART_SIZE)
    canvas.text(CHART_SIZE[0] / 2, 42, CHART_TITLE, size=30)
    draw_legend(canvas)
    draw_axes(canvas)
    draw_bars(canvas)
    data = io.BytesIO()
    canvas.image.save(data, "PNG", optimize=True)
    return data.getvalue()


def make_examples(folder: Path) -> None:
    """Write both files into `folder`."""
    (folder / "invoice.pdf").write_bytes(make_invoice())
    (folder / "chart.png").write_bytes(make_chart())


if __name__ == "__main__":
    make_examples(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
