"""The text that a PDF page carries itself, as the reader found it."""

from dataclasses import dataclass

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


class TextFont(Frozen):
    """A font of a page, which is what makes its text true or false.

    `name` is as in `TextLine.font`. `digest` tells fonts of one name in one document apart: their glyphs and maps.
    `is_mapped` is whether the font says what its characters mean. `character_count` counts what is not white space,
    `checkable_count` the stretches of text that are long enough to be recognised again.
    """

    name: str
    digest: str
    is_mapped: bool
    character_count: int
    checkable_count: int


class UnseenText(Frozen):
    """How many characters of a text layer nobody sees on the page, although they are not drawn invisibly.

    `background`: in the colour of what is behind them. `covered`: something lies over them, or they are cut off.
    `tiny`: at most 1 pt. `outside` counts stretches of text beside the sheet, which are not part of the layer.
    """

    background: int = 0
    covered: int = 0
    tiny: int = 0
    outside: int = 0


class TextLayer(Frozen):
    """All text of one page in the order the PDF draws it, and what else bears on whether to trust it.

    `raster_cover` (0 to 1) is the part of the page that pictures cover; `invisible_fraction` (0 to 1) the part of the
    characters that are drawn invisibly, as OCR programs do. `is_alone` is whether nothing else is drawn on the page,
    as far as that was looked for: only on pages with little text.
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
        """The part of the characters that nobody sees on the page, drawn invisibly or not (0 to 1)."""
        unseen = self.unseen.background + self.unseen.covered + self.unseen.tiny
        return min(1.0, self.invisible_fraction + unseen / max(1, self.character_count))

    @property
    def character_count(self) -> int:
        """Characters that are not white space."""
        return sum(len("".join(line.text.split())) for line in self.lines)


@dataclass(frozen=True, slots=True)
class TextSnippet:
    """A stretch of a page's text in one font, and the picture of the place where it should stand (PNG)."""

    text: str
    font: str
    picture: bytes


class RecognizedSnippet(Frozen):
    """What an engine reads in the picture of a snippet; `confidence` 0 to 1, 0 where it sees no text."""

    text: str
    confidence: float
