"""The interface of an opened document, whatever its format. Only the worker's process imports this module."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pydantic import JsonValue

    from ocr_mcp.sources.render_worker.snippets import Cut
    from ocr_mcp.sources.render_worker.whole_scan import WholeScan

REPAIRED = "repaired"
FRAMES_IGNORED = "frames_ignored"
"""Values of `IssueCode`, repeated here because the worker starts faster without the model, which imports pydantic."""


class Pages(Protocol):
    """An opened document.

    Pages are counted from 0 here. Boxes are (left, top, right, bottom) in page units of the page as displayed. `unit`
    is a value of `PageUnit`, and `issues` are pairs of an `IssueCode` value and a message.
    """

    media_type: str
    unit: str
    page_count: int
    issues: tuple[tuple[str, str], ...]

    def page_size(self, index: int) -> tuple[float, float]:
        """Return width and height of the displayed page in page units."""
        ...

    def units_per_inch(self, index: int) -> float | None:
        """Return the page units in an inch, None for a picture without a resolution or with an implausible one."""
        ...

    def render(
        self,
        index: int,
        size_px: tuple[int, int],
        region: tuple[float, float, float, float],
        jpeg_quality: int,
        turn: int = 0,
    ) -> bytes:
        """Draw a region of the page as a JPEG picture of exactly `size_px` (width, height).

        The picture is then turned by `turn` degrees clockwise (0, 90, 180 or 270).
        """
        ...

    def whole_scan(self, index: int) -> "WholeScan | None":
        """Return the single JPEG scan that the page consists of, None if the page has to be drawn."""
        ...

    def text_layer(self, index: int) -> "dict[str, JsonValue] | None":
        """Return the fields of a `TextLayer`, None for a picture."""
        ...

    def unseen_text(self, index: int) -> "dict[str, JsonValue]":
        """Return the number of characters that cannot be seen on the page, by reason; empty for a picture."""
        ...

    def snippets(self, index: int, count: int, fonts: "Collection[str] | None") -> "Sequence[Cut]":
        """Return about `count` stretches of the page's text in `fonts` (None: all fonts); none for a picture."""
        ...

    def close(self) -> None:
        """Release everything that the document holds."""
        ...
