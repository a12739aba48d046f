# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
# PyMuPDF is only partly typed.
"""Extracts the text layer of a PDF page as the fields of a `TextLayer`.

Only the worker's process imports this module.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pymupdf

from ocr_mcp.model.scripts import is_checkable
from ocr_mcp.sources.render_worker.boxes_on_page import Box, Cover, DisplayedPage
from ocr_mcp.sources.render_worker.font_facts import FontFact, FontFacts

if TYPE_CHECKING:
    from pydantic import JsonValue

# Three flags are left out on purpose: without PRESERVE_LIGATURES ligatures are expanded; without
# CID_FOR_UNKNOWN_UNICODE a character of unknown meaning is U+FFFD, by which the text is judged; with PRESERVE_IMAGES
# MuPDF would decode the pixels of every picture.
_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP
_TEXT_BLOCK = 0
_VISIBLE_FLAGS = 16 | 32  # MuPDF's flags of filled and stroked characters
_SPARSE_PAGE_CHARACTERS = 30
"""Number of characters from which on it is not checked if the text is alone on the page."""

_UNKNOWN_FONT = FontFact("", is_mapped=False)
_MONOSPACED_NAMES = ("mono", "courier", "consol", "typewriter", "cmtt")


def text_blocks(page: Any) -> list[dict[str, Any]]:
    """Return the page's text as MuPDF's "dict" blocks, in the order in which the PDF draws them."""
    return page.get_text("dict", flags=_FLAGS, sort=False)["blocks"]


def extract_text_layer(page: Any, blocks: list[dict[str, Any]], facts: FontFacts) -> "dict[str, JsonValue]":
    """Return the fields of a `TextLayer`: lines in the order in which the PDF draws them, boxes on the displayed page.

    `blocks` is the result of `text_blocks` for this page.
    """
    displayed = DisplayedPage(page)
    pictures = [box for info in page.get_image_info() if (box := displayed.place(info["bbox"])) is not None]
    lines: list[JsonValue] = [
        {**fields, "box": _name_edges(box), "block_index": index}
        for index, line in _lines(blocks)
        if (fields := _line_fields(line["spans"])) and (box := displayed.place(line["bbox"]))
    ]
    return {
        "lines": lines,
        "picture_boxes": [_name_edges(box) for box in pictures],
        "raster_cover": Cover(pictures, displayed.size).fraction,
        "invisible_fraction": _invisible_fraction(blocks),
        "fonts": _font_fields(blocks, facts.read_page_fonts(page)),
        "is_alone": not pictures and _is_sparse(blocks) and _draws_only_text(page),
    }


def _lines(blocks: list[dict[str, Any]]) -> Iterator[tuple[int, dict[str, Any]]]:
    for index, block in enumerate(blocks):
        if block["type"] == _TEXT_BLOCK:
            yield from ((index, line) for line in block["lines"])


def _line_fields(spans: list[dict[str, Any]]) -> "dict[str, JsonValue] | None":
    """Return text and font of a line; the font is that of its longest span.

    None is returned for a line of white space.
    """
    text = "".join(span["text"] for span in spans)
    if not text.strip():
        return None
    main = max(spans, key=lambda span: len(span["text"].strip()))
    font = _replace_surrogates(main["font"])
    return {
        "text": _replace_surrogates(text),
        "font": font,
        "font_size": float(main["size"]),
        "bold": bool(main["flags"] & pymupdf.TEXT_FONT_BOLD) or "bold" in font.lower(),
        "monospaced": bool(main["flags"] & pymupdf.TEXT_FONT_MONOSPACED)
        or any(part in font.lower() for part in _MONOSPACED_NAMES),
    }


def _font_fields(blocks: list[dict[str, Any]], facts: dict[str, FontFact]) -> "list[JsonValue]":
    """Return the fields of a `TextFont` for each font that the page's text uses."""
    written: dict[str, tuple[int, int]] = {}
    for _, line in _lines(blocks):
        for font, spans in groupby(line["spans"], key=lambda span: _replace_surrogates(span["font"])):
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


def _is_sparse(blocks: list[dict[str, Any]]) -> bool:
    return sum(len("".join(span["text"].split())) for _, line in _lines(blocks) for span in line["spans"]) < (
        _SPARSE_PAGE_CHARACTERS
    )


def _draws_only_text(page: Any) -> bool:
    return all(kind.endswith("-text") for kind, _ in page.get_bboxlog()) and not page.first_annot


def _invisible_fraction(blocks: list[dict[str, Any]]) -> float:
    characters = hidden = 0
    for _, line in _lines(blocks):
        for span in line["spans"]:
            count = len("".join(span["text"].split()))
            characters += count
            hidden += count if not span["char_flags"] & _VISIBLE_FLAGS or span["alpha"] == 0 else 0
    return hidden / characters if characters else 0.0


def _name_edges(box: Box) -> "dict[str, JsonValue]":
    return dict(zip(("left", "top", "right", "bottom"), box, strict=True))


def _replace_surrogates(text: str) -> str:
    """Replace lone surrogates in a text, because no JSON reader accepts them."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
