"""Places the boxes of a PDF page on the page as it is displayed. Only the worker's process imports this module."""

import math
from collections.abc import Iterable
from typing import Any

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in points."""

_GRID_CELLS = 200
"""Cells on each side of the grid that stands for a page: each is half a percent of the page wide and high."""


class Cover:
    """The part of a page that lies under at least one of many boxes.

    The page is a grid of bits, so that the time grows with the number of boxes and not with its square. `boxes` and
    `size` (width, height) are in points of the displayed page; edges are rounded to half a percent of the page.
    """

    def __init__(self, boxes: Iterable[Box], size: tuple[float, float]) -> None:
        self._size = size
        self._rows = [0] * _GRID_CELLS
        for left, top, right, bottom in boxes:
            first, last = (round(edge / size[0] * _GRID_CELLS) for edge in (left, right))
            mask = (1 << last) - (1 << first)
            for row in range(round(top / size[1] * _GRID_CELLS), round(bottom / size[1] * _GRID_CELLS)):
                self._rows[row] |= mask

    @property
    def fraction(self) -> float:
        """Covered part of the page, 0 to 1."""
        return sum(row.bit_count() for row in self._rows) / _GRID_CELLS**2

    def covers_middle_of(self, box: Box) -> bool:
        """Return true if the middle of `box` is covered."""
        column = int((box[0] + box[2]) / 2 / self._size[0] * _GRID_CELLS)
        row = int((box[1] + box[3]) / 2 / self._size[1] * _GRID_CELLS)
        return bool(self._rows[min(row, _GRID_CELLS - 1)] >> min(column, _GRID_CELLS - 1) & 1)


class DisplayedPage:
    """The transform from an unrotated PDF page to the page as it is displayed.

    The matrix and the size are read from MuPDF once, because each such call takes longer than the arithmetic. `size` is
    the width and height of the displayed page in points.
    """

    def __init__(self, page: Any) -> None:
        matrix = page.rotation_matrix
        self._rotation = tuple(float(value) for value in (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f))
        self.size = (float(page.rect.width), float(page.rect.height))

    def place(self, box: Box) -> Box | None:
        """Transform a box of the unrotated page to the displayed page and clip it to that page.

        Returns None if no part of the box lies on the page, or if an edge is not a finite number.
        """
        a, b, c, d, e, f = self._rotation
        xs = (box[0] * a + box[1] * c + e, box[2] * a + box[3] * c + e)
        ys = (box[0] * b + box[1] * d + f, box[2] * b + box[3] * d + f)
        if not all(map(math.isfinite, (*xs, *ys))):
            return None
        left, right = (min(max(edge, 0.0), self.size[0]) for edge in sorted(xs))
        top, bottom = (min(max(edge, 0.0), self.size[1]) for edge in sorted(ys))
        return (left, top, right, bottom) if right > left and bottom > top else None
