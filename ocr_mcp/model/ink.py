"""The distribution of ink over a page."""

from ocr_mcp.model.geometry import Frozen


class PageInk(Frozen):
    """The inked part (0 to 1) of evenly spaced rows, from the top, and columns, from the left, of a page."""

    rows: tuple[float, ...]
    columns: tuple[float, ...]
