"""What the render worker asks of an opened document, whatever its format. Only the worker's process runs this."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pydantic import JsonValue

    from ocr_mcp.sources.render_worker.snippets import Cut
    from ocr_mcp.sources.render_worker.whole_scan import WholeScan

REPAIRED = "repaired"
FRAMES_IGNORED = "frames_ignored"
"""Values of `IssueCode`. The worker starts faster without the model, which imports pydantic."""


class Pages(Protocol):
    """An opened document. Pages are counted from 0 here, boxes are (left, top, right, bottom) as displayed."""

    media_type: str
    unit: str
    page_count: int
    issues: tuple[tuple[str, str], ...]

    def page_size(self, index: int) -> tuple[float, float]:
        """Width and height in page units, as displayed."""
        ...

    def units_per_inch(self, index: int) -> float | None:
        """Page units in an inch; None for a picture that does not say it, or says what cannot be."""
        ...

    def render(
        self,
        index: int,
        size_px: tuple[int, int],
        region: tuple[float, float, float, float],
        jpeg_quality: int,
        turn: int = 0,
    ) -> bytes:
        """The region as a JPEG picture of exactly that size, turned by so many degrees clockwise after that."""
        ...

    def whole_scan(self, index: int) -> "WholeScan | None":
        """The one JPEG scan that the page consists of, where that can be taken as it is."""
        ...

    def text_layer(self, index: int) -> "dict[str, JsonValue] | None":
        """The fields of a `TextLayer`, None for a picture."""
        ...

    def unseen_text(self, index: int) -> "dict[str, JsonValue]":
        """How many characters of the page's text nobody sees, by why; empty for a picture."""
        ...

    def snippets(self, index: int, count: int, fonts: "Collection[str] | None") -> "Sequence[Cut]":
        """About `count` stretches of the page's text, in the fonts named (None: in all); none for a picture."""
        ...

    def close(self) -> None:
        """Let go of everything that the document holds."""
        ...
