# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
# PyMuPDF is only partly typed.
"""The text layer of a PDF page as the fields of a `TextLayer`. Only the worker's process imports this."""

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pymupdf

from ocr_mcp.model.scripts import is_checkable
from ocr_mcp.sources.render_worker.boxes_on_page import Box, Cover, Sheet
from ocr_mcp.sources.render_worker.font_facts import FontFact, FontFacts

if TYPE_CHECKING:
    from pydantic import JsonValue

# Without PRESERVE_LIGATURES so that they are expanded; without CID_FOR_UNKNOWN_UNICODE so that a character without a
# meaning is U+FFFD, which judging the text relies on; without PRESERVE_IMAGES, whose pixels would be decoded.
_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP
_TEXT_BLOCK = 0
_DRAWN = 16 | 32  # filled, stroked
_FEW_CHARACTERS = 30
_UNKNOWN_FONT = FontFact("", is_mapped=False)
_MONOSPACED_NAMES = ("mono", "courier", "consol", "typewriter", "cmtt")


def text_blocks(page: Any) -> list[dict[str, Any]]:
    """The page's text as MuPDF tells it, in the order the PDF draws it."""
    return page.get_text("dict", flags=_FLAGS, sort=False)["blocks"]


def extract_text_layer(page: Any, blocks: list[dict[str, Any]], facts: FontFacts) -> "dict[str, JsonValue]":
    """Lines in the order the PDF draws them, boxes on the page as displayed. `blocks` is `text_blocks` of the page."""
    sheet = Sheet(page)
    pictures = [box for info in page.get_image_info() if (box := sheet.displayed(info["bbox"])) is not None]
    lines: list[JsonValue] = [
        {**fields, "box": _named(box), "block_index": index}
        for index, line in _lines(blocks)
        if (fields := _line_fields(line["spans"])) and (box := sheet.displayed(line["bbox"]))
    ]
    return {
        "lines": lines,
        "picture_boxes": [_named(box) for box in pictures],
        "raster_cover": Cover(pictures, sheet.size).fraction,
        "invisible_fraction": _invisible_fraction(blocks),
        "fonts": _fonts(blocks, facts.on_page(page)),
        "is_alone": not pictures and _has_few_characters(blocks) and _is_nothing_else_drawn(page),
    }


def _lines(blocks: list[dict[str, Any]]) -> Iterator[tuple[int, dict[str, Any]]]:
    for index, block in enumerate(blocks):
        if block["type"] == _TEXT_BLOCK:
            yield from ((index, line) for line in block["lines"])


def _line_fields(spans: list[dict[str, Any]]) -> "dict[str, JsonValue] | None":
    """Text and type of a line; the font is that of most of its characters. None for white space."""
    text = "".join(span["text"] for span in spans)
    if not text.strip():
        return None
    main = max(spans, key=lambda span: len(span["text"].strip()))
    font = _clean(main["font"])
    return {
        "text": _clean(text),
        "font": font,
        "font_size": float(main["size"]),
        "bold": bool(main["flags"] & pymupdf.TEXT_FONT_BOLD) or "bold" in font.lower(),
        "monospaced": bool(main["flags"] & pymupdf.TEXT_FONT_MONOSPACED)
        or any(part in font.lower() for part in _MONOSPACED_NAMES),
    }


def _fonts(blocks: list[dict[str, Any]], facts: dict[str, FontFact]) -> "list[JsonValue]":
    """The fonts in use, with how much each writes."""
    written: dict[str, tuple[int, int]] = {}
    for _, line in _lines(blocks):
        for font, spans in groupby(line["spans"], key=lambda span: _clean(span["font"])):
            text = "".join(span["text"] for span in spans)
            characters, stretches = written.get(font, (0, 0))
            written[font] = characters + len("".join(text.split())), stretches + is_checkable(text)
    return [
        {
            "name": name,
            "digest": fact.digest,
            "is_mapped": fact.is_mapped,
            "character_count": characters,
            "checkable_count": stretches,
        }
        for name, (characters, stretches) in written.items()
        for fact in (facts.get(name) or facts.get("", _UNKNOWN_FONT),)
    ]


def _has_few_characters(blocks: list[dict[str, Any]]) -> bool:
    return sum(len("".join(span["text"].split())) for _, line in _lines(blocks) for span in line["spans"]) < (
        _FEW_CHARACTERS
    )


def _is_nothing_else_drawn(page: Any) -> bool:
    return all(kind.endswith("-text") for kind, _ in page.get_bboxlog()) and not page.first_annot


def _invisible_fraction(blocks: list[dict[str, Any]]) -> float:
    characters = hidden = 0
    for _, line in _lines(blocks):
        for span in line["spans"]:
            count = len("".join(span["text"].split()))
            characters += count
            hidden += count if not span["char_flags"] & _DRAWN or span["alpha"] == 0 else 0
    return hidden / characters if characters else 0.0


def _named(box: Box) -> "dict[str, JsonValue]":
    return dict(zip(("left", "top", "right", "bottom"), box, strict=True))


def _clean(text: str) -> str:
    """The text without lone surrogates, which no JSON reader accepts."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
