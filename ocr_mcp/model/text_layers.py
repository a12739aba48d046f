"""The text that a PDF page carries itself, as the render worker extracts it."""

from dataclasses import dataclass

from ocr_mcp.model.geometry import BoundingBox, Frozen


class TextLine(Frozen):
    """One line of a text layer. Lines with one `block_index` are one block in MuPDF; `font_size` is in points."""

    text: str
    box: BoundingBox
    font: str
    font_size: float
    bold: bool
    monospaced: bool
    block_index: int


class TextFont(Frozen):
    """A font of a page. Text is true or false with its font, because the font says which characters its codes mean.

    `name` is as in `TextLine.font`. `digest` is that of the font's glyphs and maps, which tells fonts of one name in
    one document apart. `is_mapped` is true if the font says which characters its codes mean. `character_count` counts
    characters that are not white space, and `checkable_count` the stretches of text that can be recognised again.
    """

    name: str
    digest: str
    is_mapped: bool
    character_count: int
    checkable_count: int


class UnseenText(Frozen):
    """Numbers of characters in a text layer that cannot be seen on the page, although they are not drawn invisibly.

    `background` counts characters in the colour of their background, `covered` those that something lies over or that
    are cut off, and `tiny` those of at most 1 pt. `outside` counts stretches of text beside the sheet, which are not
    part of the layer.
    """

    background: int = 0
    covered: int = 0
    tiny: int = 0
    outside: int = 0


class TextLayer(Frozen):
    """All text of one page in the order in which the PDF draws it, and the facts that decide if it can be trusted.

    `picture_boxes` are in page units. `raster_cover` (0 to 1) is the part of the page that pictures cover, and
    `invisible_fraction` (0 to 1) the part of the characters that are drawn invisibly, as OCR programs do. `is_alone` is
    true if nothing but text is drawn on the page; that is examined only on pages with little text.
    """

    lines: tuple[TextLine, ...]
    picture_boxes: tuple[BoundingBox, ...]
    raster_cover: float
    invisible_fraction: float
    unseen: UnseenText = UnseenText()
    fonts: tuple[TextFont, ...] = ()
    is_alone: bool = False

    @property
    def hidden_fraction(self) -> float:
        """Part of the characters (0 to 1) that cannot be seen on the page, drawn invisibly or not."""
        unseen = self.unseen.background + self.unseen.covered + self.unseen.tiny
        return min(1.0, self.invisible_fraction + unseen / max(1, self.character_count))

    @property
    def character_count(self) -> int:
        """Number of characters that are not white space."""
        return sum(len("".join(line.text.split())) for line in self.lines)


@dataclass(frozen=True, slots=True)
class TextSnippet:
    """A stretch of a page's text in one font, and a PNG picture of the place where the page should show it."""

    text: str
    font: str
    picture: bytes


class RecognizedSnippet(Frozen):
    """An engine's reading of a snippet's picture. `confidence` is 0 to 1, and 0 if the engine sees no text."""

    text: str
    confidence: float
