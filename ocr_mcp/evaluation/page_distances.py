"""Measure the distance of a page's Markdown from its ground truth, as OmniDocBench v1.5 does.

The distance of texts is edits over characters, both summed over the matched blocks; of each pair the longer text
counts. The distance of orders is the edits between the order of blocks in the ground truth and in the answer, over the
number of blocks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from ocr_mcp.evaluation.cases import TruthBlock, TruthKind
from ocr_mcp.evaluation.cleaning import clean_formula, clean_text, latex_to_unicode
from ocr_mcp.evaluation.markdown_elements import Element, parse_elements
from ocr_mcp.evaluation.matching import Match, find_margins, match_blocks, match_one_to_one
from ocr_mcp.evaluation.tables import list_cell_texts
from ocr_mcp.model.geometry import Frozen


class EditSum(Frozen):
    """Edits of the blocks of one kind, and the characters of these blocks."""

    edits: int
    characters: int

    @property
    def distance(self) -> float:
        """Edits over characters, 0 (the same) to 1."""
        return self.edits / self.characters


class PageDistances(Frozen):
    """Distances of one page, each None where the ground truth has nothing of that kind. `order` is 0 to 1."""

    text: EditSum | None
    formulas: EditSum | None
    order: float | None


@dataclass(frozen=True, slots=True)
class _CleanedBlock:
    """A block with its cleaned text. `position` is its place in the reading order, None where it has none.

    Positions of the ground truth count blocks, those of an answer count characters.
    """

    kind: TruthKind
    raw: str
    cleaned: str
    position: float | None


def measure_distances(blocks: Sequence[TruthBlock], markdown: str) -> PageDistances:
    """Return the distances of one page from its ground truth."""
    truth = [_clean_truth(block) for block in _sort_blocks(blocks) if block.kind is not TruthKind.TABLE]
    margins = [each.cleaned for each, block in zip(truth, _select_texts(blocks), strict=True) if block.is_margin]
    body = [
        each for each, block in zip(truth, _select_texts(blocks), strict=True) if not block.is_margin and each.cleaned
    ]
    answer = [each for each in map(_clean_element, _select_elements(blocks, markdown)) if each.cleaned]
    in_margins = find_margins([margin for margin in margins if margin], [each.cleaned for each in answer])
    answer = [each for j, each in enumerate(answer) if j not in in_margins]
    matches = match_blocks([each.cleaned for each in body], [each.cleaned for each in answer])
    return _sum_up(matches, body, answer)


def pair_tables(blocks: Sequence[TruthBlock], markdown: str) -> list[tuple[str, str | None]]:
    """Return each table of the ground truth with the one that stands for it, in HTML; None where there is none."""
    truth = [block.content for block in _sort_blocks(blocks) if block.kind is TruthKind.TABLE and not block.is_margin]
    answer = [each.content for each in parse_elements(markdown) if each.kind is TruthKind.TABLE]
    matches = match_one_to_one(truth, answer)
    return [(truth[each.truth[0]], answer[each.answer[0]] if each.answer else None) for each in matches]


def _sort_blocks(blocks: Sequence[TruthBlock]) -> list[TruthBlock]:
    return sorted(blocks, key=lambda block: block.order or 0)


def _select_texts(blocks: Sequence[TruthBlock]) -> list[TruthBlock]:
    return [block for block in _sort_blocks(blocks) if block.kind is not TruthKind.TABLE]


def _clean_truth(block: TruthBlock) -> _CleanedBlock:
    clean = clean_formula if block.kind is TruthKind.FORMULA else clean_text
    return _CleanedBlock(block.kind, block.content, clean(block.content), block.order)


def _clean_element(element: Element) -> _CleanedBlock:
    clean = clean_formula if element.kind is TruthKind.FORMULA else clean_text
    return _CleanedBlock(element.kind, element.content, clean(element.content), element.position)


def _select_elements(blocks: Sequence[TruthBlock], markdown: str) -> list[Element]:
    """Return texts and formulas, and the cells of tables that no table of the ground truth is left for.

    Where the ground truth has no table, tables are not compared at all, by OmniDocBench's rule.
    """
    elements = parse_elements(markdown)
    tables = [each for each in elements if each.kind is TruthKind.TABLE]
    others = [each for each in elements if each.kind is not TruthKind.TABLE]
    truth = [block.content for block in _sort_blocks(blocks) if block.kind is TruthKind.TABLE]
    if not truth or len(tables) <= len(truth):
        return others
    used = {each.answer[0] for each in match_one_to_one(truth, [each.content for each in tables]) if each.answer}
    for j, table in enumerate(tables):
        if j not in used:
            others += [Element(TruthKind.TEXT, text, table.position) for text in list_cell_texts(table.content)]
    return sorted(others, key=lambda element: (element.is_inline, element.position))


def _sum_up(matches: Sequence[Match], body: Sequence[_CleanedBlock], answer: Sequence[_CleanedBlock]) -> PageDistances:
    text = [match for match in matches if _choose_kind(match, body) is TruthKind.TEXT]
    formulas = [match for match in matches if _choose_kind(match, body) is TruthKind.FORMULA]
    # A formula that was read as text is compared as text.
    as_text = [match for match in formulas if match.answer and answer[match.answer[0]].kind is TruthKind.TEXT]
    as_formula = [match for match in formulas if match not in as_text]
    pairs = [(_join_cleaned(match.truth, body), _join_cleaned(match.answer, answer)) for match in text]
    if text:
        pairs += [(_join_as_text(match.truth, body), _join_cleaned(match.answer, answer)) for match in as_text]
    formula_pairs = [(_join_cleaned(match.truth, body), _join_cleaned(match.answer, answer)) for match in as_formula]
    return PageDistances(
        text=_count_edits(pairs), formulas=_count_edits(formula_pairs), order=_measure_order(text, body, answer)
    )


def _choose_kind(match: Match, body: Sequence[_CleanedBlock]) -> TruthKind:
    """Return the kind of most blocks of the match; of kinds with as many blocks, the one that comes first."""
    kinds = [body[i].kind for i in match.truth]
    return max(dict.fromkeys(kinds), key=kinds.count)


def _join_cleaned(run: Sequence[int], blocks: Sequence[_CleanedBlock]) -> str:
    return "".join(blocks[index].cleaned for index in run)


def _join_as_text(run: Sequence[int], body: Sequence[_CleanedBlock]) -> str:
    shown = (latex_to_unicode(body[index].raw) or body[index].raw for index in run)
    return "".join(clean_text(each) for each in shown)


def _count_edits(pairs: Sequence[tuple[str, str]]) -> EditSum | None:
    characters = sum(max(len(truth), len(answer)) for truth, answer in pairs)
    edits = sum(Levenshtein.distance(truth, answer) for truth, answer in pairs)
    return EditSum(edits=edits, characters=characters) if characters else None


def _measure_order(
    matches: Sequence[Match], body: Sequence[_CleanedBlock], answer: Sequence[_CleanedBlock]
) -> float | None:
    found = sorted((match for match in matches if match.answer), key=lambda match: _find_position(match, answer))
    truth = sorted(place for match in matches for place in _list_places(match, body))
    read = [place for match in found for place in _list_places(match, body)]
    longest = max(len(truth), len(read))
    return Levenshtein.distance(truth, read) / longest if longest else None


def _find_position(match: Match, answer: Sequence[_CleanedBlock]) -> float:
    return answer[match.answer[0]].position or 0


def _list_places(match: Match, body: Sequence[_CleanedBlock]) -> list[float]:
    places = (body[index].position for index in match.truth)
    return [place for place in places if place]


def measure_whole_distance(truth: str, markdown: str) -> float | None:
    """Return the edit distance of two whole pages, 0 to 1, which counts their order; None where both have no text."""
    first, second = clean_text(truth), clean_text(to_plain_text(markdown))
    return Levenshtein.normalized_distance(first, second) if first or second else None


def to_plain_text(markdown: str) -> str:
    """Return all text of a page in its order, with the cells of tables one after the other."""
    elements = (each for each in parse_elements(markdown) if not each.is_inline)
    return "\n".join(_to_text(each) for each in elements)


def _to_text(element: Element) -> str:
    if element.kind is TruthKind.TABLE:
        return "\n".join(list_cell_texts(element.content))
    if element.kind is TruthKind.FORMULA:
        inside = element.content.removeprefix(r"\[").removesuffix(r"\]")
        return latex_to_unicode(inside) or inside
    return element.content
