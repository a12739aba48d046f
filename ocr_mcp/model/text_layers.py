"""The text that a PDF page carries itself, as the reader found it."""

from ocr_mcp.model.geometry import BoundingBox, Frozen


class TextLine(Frozen):
    """One line of a text layer. `block_index` groups lines that the PDF drew as one block; `font_size` in points."""

    text: str
    box: BoundingBox
    font: str
    font_size: float
    bold: bool
    monospaced: bool
    block_index: int


class TextLayer(Frozen):
    """All text of one page in the order the PDF draws it, and what else bears on whether to trust it.

    `raster_cover` (0 to 1) is the part of the page that pictures cover; `invisible_fraction` (0 to 1) the part of the
    characters that are drawn invisibly, as OCR programs do.
    """

    lines: tuple[TextLine, ...]
    picture_boxes: tuple[BoundingBox, ...]
    raster_cover: float
    invisible_fraction: float

    @property
    def character_count(self) -> int:
        """Characters that are not white space."""
        return sum(len("".join(line.text.split())) for line in self.lines)
