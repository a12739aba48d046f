"""Writes blocks as HTML. Everything that an engine wrote is escaped, because documents come from strangers."""

from collections.abc import Sequence
from html import escape

from ocr_mcp.emitters.markdown import FIGURES, HEADING_LEVELS, figure_anchor
from ocr_mcp.emitters.opinions import mark_differences
from ocr_mcp.emitters.tables import table_to_html
from ocr_mcp.emitters.text import block_to_text
from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.model.second_opinions import Difference

LOW_CONFIDENCE = 0.8
"""Confidence (0 to 1) below which a block is marked as doubtful."""

_ASIDE_LABELS = frozenset({BlockLabel.PAGE_HEADER, BlockLabel.PAGE_FOOTER, BlockLabel.FOOTNOTE, BlockLabel.CAPTION})


def is_doubtful(block: Block) -> bool:
    """Return True if a measured confidence says that the block may be wrong."""
    return block.confidence is not None and block.confidence < LOW_CONFIDENCE


def block_to_html(
    block: Block, *, page_number: int, index: int, figure_number: int, differences: Sequence[Difference] = ()
) -> str:
    """Return one block with its kind, which is a link to its box on the page's picture.

    `index` (1-based, of the block on its page) is in the ids and in `data-of` of both, by which the script finds them.
    `figure_number` counts the figures of the page up to here; `differences` are those of this block.
    """
    place = f"{page_number}-{index}"
    classes = " ".join(
        ["block", *(["low"] if is_doubtful(block) else []), *(["aside"] if block.label in _ASIDE_LABELS else [])]
    )
    content = _figure_to_html(block, page_number, figure_number) if block.label in FIGURES else _content_to_html(block)
    content = mark_differences(content, differences)
    return f'<div class="{classes}" id="t-{place}" data-of="{place}">{_kind_link(block, place)}{content}</div>\n'


def excerpt_block(block: Block) -> str:
    """Return the kind and the first 80 characters of a block, escaped: the tooltip of its box."""
    text = " ".join(block_to_text(block).split())
    shown = text if len(text) <= 80 else f"{text[:79]}…"
    return escape(f"{_kind_name(block)}: {shown}" if shown else _kind_name(block))


def _kind_link(block: Block, place: str) -> str:
    percent = f'<span class="doubt">{block.confidence:.0%} sure</span>' if is_doubtful(block) else ""
    label = escape(_kind_name(block)) + percent
    if not block.boxes:
        return f'<span class="kind">{label}</span>'
    return f'<a class="kind" href="#b-{place}" title="Show it on the page">{label}</a>'


def _kind_name(block: Block) -> str:
    return block.label.value.replace("_", " ")


def _content_to_html(block: Block) -> str:
    if block.table is not None:
        return f'<div class="scroll" dir="auto" lang="">{table_to_html(block.table)}</div>'
    text = escape(block_to_text(block))
    match block.label:
        case BlockLabel.TITLE | BlockLabel.SECTION_HEADER:
            level = min(6, 2 + (block.level or HEADING_LEVELS[block.label]))
            return f'<h{level} dir="auto" lang="">{text}</h{level}>'
        case BlockLabel.CODE | BlockLabel.FORMULA | BlockLabel.TABLE:
            return f'<pre dir="auto" lang="">{text}</pre>'
        case _:
            return f'<p dir="auto" lang="">{text.replace(chr(10), "<br>")}</p>'


def _figure_to_html(block: Block, page_number: int, figure_number: int) -> str:
    said = _content_to_html(block) if block.table is not None or block.text.strip() else ""
    name = f"Figure {figure_number}, page {page_number}"
    return f'<figure id="{figure_anchor(page_number, figure_number)}"><figcaption>{name}</figcaption>{said}</figure>'
