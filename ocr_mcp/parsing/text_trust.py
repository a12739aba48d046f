"""Whether a PDF page's own text can be used instead of reading its picture.

The rules and their thresholds were measured on labelled pages, see `docs/text-layer.md`.
"""

import unicodedata
from dataclasses import dataclass

from ocr_mcp.model.text_layers import TextLayer

MINIMUM_CHARACTERS = 30
MAXIMUM_JUNK_FRACTION = 0.02
SCAN_COVER = 0.8
PARTIAL_COVER = 0.1


@dataclass(frozen=True, slots=True)
class TextLayerVerdict:
    """`trusted` is whether to use the text, `reason` why, `unread_cover` (0 to 1) how much of the page is pictures."""

    trusted: bool
    reason: str
    unread_cover: float = 0.0


def judge_text_layer(layer: TextLayer | None) -> TextLayerVerdict:
    """Decide for one page. None is a page that cannot have a text layer."""
    if layer is None:
        return TextLayerVerdict(trusted=False, reason="a picture has no text layer")
    if layer.character_count < MINIMUM_CHARACTERS:
        return TextLayerVerdict(trusted=False, reason=f"the text layer has {layer.character_count} characters")
    junk = junk_fraction(layer)
    if junk > MAXIMUM_JUNK_FRACTION:
        return TextLayerVerdict(trusted=False, reason=f"{junk:.0%} of the text layer are characters nobody prints")
    if layer.raster_cover >= SCAN_COVER:
        return TextLayerVerdict(trusted=False, reason="the page is a scan, and its text layer is another program's OCR")
    unread = layer.raster_cover if layer.raster_cover >= PARTIAL_COVER else 0.0
    return TextLayerVerdict(trusted=True, reason="the page carries its own text", unread_cover=unread)


def junk_fraction(layer: TextLayer) -> float:
    """The part of the characters that are control, private-use, unassigned or U+FFFD, as a broken font map gives."""
    characters = [c for line in layer.lines for c in line.text if not c.isspace()]
    if not characters:
        return 0.0
    return sum(_is_junk(c) for c in characters) / len(characters)


def _is_junk(character: str) -> bool:
    return character == "\ufffd" or unicodedata.category(character) in ("Cc", "Co", "Cn", "Cs")
