"""Compute TEDS, the similarity of two tables as trees (Zhong et al., Image-based table recognition, 2020).

TEDS is 1 - edits / nodes of the larger table. Adding, removing or replacing a node costs 1; a cell whose spans are
right costs the normalised edit distance of its texts. The package `table-recognition-metric` is not used, because it
counts the table itself among the nodes, so that its values are higher than those of PubTabNet and OmniDocBench.
"""

from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz.distance import Levenshtein

from ocr_mcp.evaluation.extras import import_extra, load_apted
from ocr_mcp.evaluation.tables import TableNode, normalise_table


class _Costs:
    """The costs of changes of a node, in the form that apted asks for."""

    valuecls = float

    def delete(self, node: TableNode) -> float:
        del node
        return 1.0

    def insert(self, node: TableNode) -> float:
        del node
        return 1.0

    def rename(self, first: TableNode, second: TableNode) -> float:
        if _label(first) != _label(second):
            return 1.0
        return Levenshtein.normalized_distance(first.tokens, second.tokens)

    def children(self, node: TableNode) -> Sequence[TableNode]:
        return node.children


def _label(node: TableNode) -> tuple[str, int, int]:
    return node.tag, node.column_span, node.row_span


def teds(answer: str | None, truth: str, *, structure_only: bool = False) -> float:
    """Return 1 for the same table, 0 where one is missing. Both are HTML; `structure_only` ignores texts of cells."""
    read, right = normalise_table(answer or ""), normalise_table(truth)
    if read is None or right is None:
        return 0.0
    trees = [_drop_texts(table) for table in (read, right)] if structure_only else [read, right]
    distance = float(import_extra(load_apted).APTED(*trees, _Costs()).compute_edit_distance())
    nodes = max(read.elements, right.elements)
    return 1.0 - distance / nodes if nodes else 1.0


def _drop_texts(node: TableNode) -> TableNode:
    return replace(node, tokens=(), children=tuple(map(_drop_texts, node.children)))
