"""Where a page is printed and where it is white."""

from ocr_mcp.model.geometry import Frozen


class PageInk(Frozen):
    """Which part of each row, from the top, and of each column, from the left, is ink (0 to 1); evenly spaced."""

    rows: tuple[float, ...]
    columns: tuple[float, ...]
