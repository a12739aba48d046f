"""Parses the content of a region by its label. The caller adds boxes and source labels to the blocks."""

from collections.abc import Callable, Mapping

from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.parsing.parsed import ParsedAnswer, joined, joined_lines
from ocr_mcp.parsing.vlm.light_markdown import (
    HEADING,
    parse_light_markdown,
    split_tables,
    strip_centre_tags,
    strip_delimiters,
    strip_fence,
    table_answer,
)

_STRUCTURE_LABELS = frozenset({BlockLabel.TABLE, BlockLabel.SECTION_HEADER, BlockLabel.CODE, BlockLabel.CAPTION})
_DEFAULT_LEVELS = {BlockLabel.TITLE: 1, BlockLabel.SECTION_HEADER: 2}


def blocks_of_region(label: BlockLabel | None, content: str) -> ParsedAnswer:
    """Return the blocks of one region. `label` is None for a label that is not known, which is taken for text.

    There are several blocks where a region holds several list items, or a table or heading inside other text.
    """
    reader = _PARSERS.get(label or BlockLabel.TEXT, _parse_plain)
    return reader(label or BlockLabel.TEXT, content.strip("\n").rstrip())


def _single_block(label: BlockLabel, text: str) -> ParsedAnswer:
    """Return an answer of one block; an empty text keeps its block, because the region has a box."""
    return ParsedAnswer((Block(label=label, text=text),))


def _parse_heading(label: BlockLabel, content: str) -> ParsedAnswer:
    """Parse a heading, which runs to the first blank line; its level is its number of `#`, else that of its label.

    A region with several headings, or with a table in its first paragraph, is parsed as Markdown.
    """
    first, _, rest = content.strip().partition("\n\n")
    lines = [line for line in first.split("\n") if line.strip()]
    match = HEADING.fullmatch(lines[0]) if lines else None
    level = len(match[1]) if match else _DEFAULT_LEVELS[label]
    text = joined_lines([match[2] if match else lines[0], *lines[1:]]) if lines else ""
    heading = Block(label=label, text=text, level=level)
    if any(HEADING.fullmatch(line) for line in lines[1:]) or split_tables(first)[:1] != split_tables(first):
        return _relabel_headings(parse_light_markdown(content), label)
    return joined([ParsedAnswer((heading,)), parse_light_markdown(rest)])


def _relabel_headings(parsed: ParsedAnswer, label: BlockLabel) -> ParsedAnswer:
    """Give the headings of a region with several of them the region's own label."""
    heading = BlockLabel.SECTION_HEADER
    blocks = (b.model_copy(update={"label": label}) if b.label is heading else b for b in parsed.blocks)
    return ParsedAnswer(tuple(blocks), parsed.issues)


def _parse_list(_: BlockLabel, content: str) -> ParsedAnswer:
    """Return one block for each item. Text without a marker is an item too: the model called all of it a list."""
    parsed = parse_light_markdown(content)
    if not parsed.blocks:
        return _single_block(BlockLabel.LIST_ITEM, "")
    text = BlockLabel.TEXT
    items = (b.model_copy(update={"label": BlockLabel.LIST_ITEM}) if b.label is text else b for b in parsed.blocks)
    return ParsedAnswer(tuple(items), parsed.issues)


def _parse_table(_: BlockLabel, content: str) -> ParsedAnswer:
    """Return the table and all else under its header; content without a table stays one block as written."""
    parsed = parse_light_markdown(content)
    if any(block.label is BlockLabel.TABLE for block in parsed.blocks):
        return parsed
    return _single_block(BlockLabel.TABLE, content.strip())


def _parse_figure(label: BlockLabel, content: str) -> ParsedAnswer:
    """Return a figure, with its data if the model wrote a table for it.

    A table alone becomes the figure itself; beside other text it is a block of its own.
    """
    if not split_tables(content) or not any(piece.is_table for piece in split_tables(content)):
        return _single_block(label, strip_centre_tags(content))
    parsed = parse_light_markdown(content)
    if len(parsed.blocks) == 1:
        return ParsedAnswer((parsed.blocks[0].model_copy(update={"label": label}),), parsed.issues)
    return joined([_single_block(label, ""), parsed])


def _parse_text(_: BlockLabel, content: str) -> ParsedAnswer:
    """Return one paragraph as written, unless the text holds a table, heading, code, caption or several list items."""
    parsed = parse_light_markdown(content)
    labels = {block.label for block in parsed.blocks}
    if labels & _STRUCTURE_LABELS or (labels == {BlockLabel.LIST_ITEM} and len(parsed.blocks) > 1):
        return parsed
    return _single_block(BlockLabel.TEXT, strip_centre_tags(content))


def _parse_plain(label: BlockLabel, content: str) -> ParsedAnswer:
    """Return captions, footnotes and the like as text, with each table in it as a table."""
    pieces = split_tables(strip_centre_tags(content))
    if not pieces:
        return _single_block(label, "")
    return joined(table_answer(p.text) if p.is_table else _single_block(label, p.text.strip()) for p in pieces)


def _parse_formula(label: BlockLabel, content: str) -> ParsedAnswer:
    return _single_block(label, strip_delimiters(content))


def _parse_code(label: BlockLabel, content: str) -> ParsedAnswer:
    return _single_block(label, strip_fence(content))


_PARSERS: Mapping[BlockLabel, Callable[[BlockLabel, str], ParsedAnswer]] = {
    BlockLabel.TITLE: _parse_heading,
    BlockLabel.SECTION_HEADER: _parse_heading,
    BlockLabel.LIST_ITEM: _parse_list,
    BlockLabel.TABLE: _parse_table,
    BlockLabel.PICTURE: _parse_figure,
    BlockLabel.CHART: _parse_figure,
    BlockLabel.FORMULA: _parse_formula,
    BlockLabel.CODE: _parse_code,
    BlockLabel.TEXT: _parse_text,
}
