"""What stands under a region's header, as blocks. Their boxes and source label are the caller's to add."""

from collections.abc import Callable, Mapping

from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.parsing.parsed import ParsedAnswer, joined, joined_lines
from ocr_mcp.parsing.vlm.light_markdown import (
    HEADING,
    parse_light_markdown,
    split_tables,
    table_answer,
    without_centre,
    without_delimiters,
    without_fence,
)

_STRUCTURE = frozenset({BlockLabel.TABLE, BlockLabel.SECTION_HEADER, BlockLabel.CODE, BlockLabel.CAPTION})
_DEFAULT_LEVELS = {BlockLabel.TITLE: 1, BlockLabel.SECTION_HEADER: 2}


def blocks_of_region(label: BlockLabel | None, content: str) -> ParsedAnswer:
    """The blocks of one region. `label` is None for one that is not known, which is taken for text.

    Mostly one block; more where the region holds several list items, or a table or heading inside other text.
    """
    reader = _READERS.get(label or BlockLabel.TEXT, _plain)
    return reader(label or BlockLabel.TEXT, content.strip("\n").rstrip())


def _one(label: BlockLabel, text: str) -> ParsedAnswer:
    return ParsedAnswer((Block(label=label, text=text),))


def _heading(label: BlockLabel, content: str) -> ParsedAnswer:
    """The heading runs to the first blank line; its level is its own count of `#`."""
    first, _, rest = content.strip().partition("\n\n")
    lines = [line for line in first.split("\n") if line.strip()]
    match = HEADING.fullmatch(lines[0]) if lines else None
    level = len(match[1]) if match else _DEFAULT_LEVELS[label]
    text = joined_lines([match[2] if match else lines[0], *lines[1:]]) if lines else ""
    heading = Block(label=label, text=text, level=level)
    if any(HEADING.fullmatch(line) for line in lines[1:]) or split_tables(first)[:1] != split_tables(first):
        return _relabelled(parse_light_markdown(content), label)
    return joined([ParsedAnswer((heading,)), parse_light_markdown(rest)])


def _relabelled(parsed: ParsedAnswer, label: BlockLabel) -> ParsedAnswer:
    """Headings of a region with several, under the region's own label."""
    heading = BlockLabel.SECTION_HEADER
    blocks = (b.model_copy(update={"label": label}) if b.label is heading else b for b in parsed.blocks)
    return ParsedAnswer(tuple(blocks), parsed.issues)


def _list(_: BlockLabel, content: str) -> ParsedAnswer:
    """One block an item. Text before the first marker is an item too: the model called all of it a list."""
    parsed = parse_light_markdown(content)
    if not parsed.blocks:
        return _one(BlockLabel.LIST_ITEM, "")
    text = BlockLabel.TEXT
    items = (b.model_copy(update={"label": BlockLabel.LIST_ITEM}) if b.label is text else b for b in parsed.blocks)
    return ParsedAnswer(tuple(items), parsed.issues)


def _table(_: BlockLabel, content: str) -> ParsedAnswer:
    """The table and whatever else was written under its header. Without any table, the text as written."""
    parsed = parse_light_markdown(content)
    if any(block.label is BlockLabel.TABLE for block in parsed.blocks):
        return parsed
    return _one(BlockLabel.TABLE, content.strip())


def _figure(label: BlockLabel, content: str) -> ParsedAnswer:
    """A figure, and its data when the model wrote a table for it."""
    if not split_tables(content) or not any(piece.is_table for piece in split_tables(content)):
        return _one(label, without_centre(content))
    parsed = parse_light_markdown(content)
    if len(parsed.blocks) == 1:
        return ParsedAnswer((parsed.blocks[0].model_copy(update={"label": label}),), parsed.issues)
    return joined([_one(label, ""), parsed])


def _text(_: BlockLabel, content: str) -> ParsedAnswer:
    parsed = parse_light_markdown(content)
    labels = {block.label for block in parsed.blocks}
    if labels & _STRUCTURE or (labels == {BlockLabel.LIST_ITEM} and len(parsed.blocks) > 1):
        return parsed
    return _one(BlockLabel.TEXT, without_centre(content))


def _plain(label: BlockLabel, content: str) -> ParsedAnswer:
    """Captions, footnotes and the like: text, with any table in it as a table."""
    pieces = split_tables(without_centre(content))
    if not pieces:
        return _one(label, "")
    return joined(table_answer(p.text) if p.is_table else _one(label, p.text.strip()) for p in pieces)


def _formula(label: BlockLabel, content: str) -> ParsedAnswer:
    return _one(label, without_delimiters(content))


def _code(label: BlockLabel, content: str) -> ParsedAnswer:
    return _one(label, without_fence(content))


_READERS: Mapping[BlockLabel, Callable[[BlockLabel, str], ParsedAnswer]] = {
    BlockLabel.TITLE: _heading,
    BlockLabel.SECTION_HEADER: _heading,
    BlockLabel.LIST_ITEM: _list,
    BlockLabel.TABLE: _table,
    BlockLabel.PICTURE: _figure,
    BlockLabel.CHART: _figure,
    BlockLabel.FORMULA: _formula,
    BlockLabel.CODE: _code,
    BlockLabel.TEXT: _text,
}
