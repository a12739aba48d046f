"""Pages that are not upright."""

# pyright: reportUnknownMemberType=false
# pymupdf publishes incomplete types.

import io
from pathlib import Path

import pymupdf
from PIL import Image

from ocr_mcp.model.turning import Turn
from tests.known_words import LINES, scan_of

UPRIGHT_PX = (1190, 1684)
_UNDONE_BY = {
    Turn.RIGHT: Image.Transpose.ROTATE_90,
    Turn.HALF: Image.Transpose.ROTATE_180,
    Turn.LEFT: Image.Transpose.ROTATE_270,
}
TATE_GAKI = (
    "吾輩は猫である。名前はまだ無い。",
    "どこで生れたかとんと見当がつかぬ。",
    "何でも薄暗いじめじめした所で",
) * 3


def picture_to_turn(path: Path, turn: Turn, last_line: str = "Page one of the book") -> Path:
    """A page of four lines that stands upright once it is turned so."""
    with Image.open(io.BytesIO(scan_of((*LINES[0], last_line))[0])) as upright:
        (upright.transpose(_UNDONE_BY[turn]) if turn else upright).save(path)
    return path


def scans_to_turn(path: Path, turns: tuple[Turn, ...]) -> Path:
    """A PDF of scans, each to be turned in its own way."""
    with pymupdf.open() as document:
        for number, turn in enumerate(turns):
            picture = picture_to_turn(path.with_suffix(".png"), turn, f"Page {number} of the book")
            width, height = (842, 595) if turn.is_sideways else (595, 842)
            document.new_page(width=width, height=height).insert_image((0, 0, width, height), filename=str(picture))
        document.save(path)
    return path


def vertical_japanese(path: Path) -> Path:
    """A page that is written from top to bottom, as a picture."""
    with pymupdf.open() as document:
        page = document.new_page(width=595, height=842)
        for column, text in enumerate(TATE_GAKI):
            for row, character in enumerate(text):
                page.insert_text((500 - 45 * column, 80 + 34 * row), character, fontname="japan", fontsize=26)
        page.get_pixmap(dpi=150).save(path)
    return path
