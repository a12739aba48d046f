"""Boxes of what a PDF page draws, on the page as it is displayed. Only the worker's process imports this."""

import math
from collections.abc import Iterable
from typing import Any

Box = tuple[float, float, float, float]
_CELLS = 200


class Cover:
    """What of a page lies under at least one box, to half a percent of it each way: on a grid, so in linear time."""

    def __init__(self, boxes: Iterable[Box], size: tuple[float, float]) -> None:
        self._size = size
        self._rows = [0] * _CELLS
        for left, top, right, bottom in boxes:
            first, last = (round(edge / size[0] * _CELLS) for edge in (left, right))
            mask = (1 << last) - (1 << first)
            for row in range(round(top / size[1] * _CELLS), round(bottom / size[1] * _CELLS)):
                self._rows[row] |= mask

    @property
    def fraction(self) -> float:
        """The part of the page, 0 to 1."""
        return sum(row.bit_count() for row in self._rows) / _CELLS**2

    def holds_middle_of(self, box: Box) -> bool:
        """Whether the middle of a box lies under one."""
        column = int((box[0] + box[2]) / 2 / self._size[0] * _CELLS)
        row = int((box[1] + box[3]) / 2 / self._size[1] * _CELLS)
        return bool(self._rows[min(row, _CELLS - 1)] >> min(column, _CELLS - 1) & 1)


class Sheet:
    """Where a page's boxes are seen. Asked once of MuPDF, as each question takes longer than the arithmetic."""

    def __init__(self, page: Any) -> None:
        matrix = page.rotation_matrix
        self._turn = tuple(float(value) for value in (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f))
        self.size = (float(page.rect.width), float(page.rect.height))

    def displayed(self, box: Box) -> Box | None:
        """A box of the unrotated page on the page as displayed and cut to it; None where nothing of it is there."""
        a, b, c, d, e, f = self._turn
        xs = (box[0] * a + box[1] * c + e, box[2] * a + box[3] * c + e)
        ys = (box[0] * b + box[1] * d + f, box[2] * b + box[3] * d + f)
        if not all(map(math.isfinite, (*xs, *ys))):
            return None
        left, right = (min(max(edge, 0.0), self.size[0]) for edge in sorted(xs))
        top, bottom = (min(max(edge, 0.0), self.size[1]) for edge in sorted(ys))
        return (left, top, right, bottom) if right > left and bottom > top else None
