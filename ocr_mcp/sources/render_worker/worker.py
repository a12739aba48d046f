"""The render worker: a sandboxed child process that opens, measures and draws untrusted files.

The parent names a document by the digest of its bytes. Every operation but `open` answers `{"missing": true}` for a
document that this process does not hold, because it is new or has opened too many others since; the parent then sends
the document.
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias, cast

from ocr_mcp.errors import OcrError
from ocr_mcp.sources.render_worker.ink import ink_of
from ocr_mcp.sources.render_worker.levelness import levelness
from ocr_mcp.sources.render_worker.pages import Pages
from ocr_mcp.sources.sniffing import SourceKind, sniff
from ocr_mcp.workers.child import Handler, serve
from ocr_mcp.workers.frames import Header

if TYPE_CHECKING:
    from pydantic import JsonValue

    from ocr_mcp.sources.render_worker.whole_scan import WholeScan

MAX_HELD_DOCUMENTS = 4
MAX_HELD_BYTES = 256_000_000

Operation: TypeAlias = Callable[[Pages, Header], tuple[Header, bytes]]


class HeldDocuments:
    """The latest documents by digest, limited in number and bytes; the newest one is always kept."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, tuple[Pages, int]] = OrderedDict()

    def get(self, digest: str) -> Pages | None:
        """Return the document and make it the newest one; None if it is not held."""
        if digest not in self._held:
            return None
        self._held.move_to_end(digest)
        return self._held[digest][0]

    def make_room(self, byte_count: int) -> None:
        """Close the oldest documents until one more of `byte_count` bytes fits.

        Call this before that document is opened, so that the peak of the memory is bounded.
        """
        while self._held and (len(self._held) >= MAX_HELD_DOCUMENTS or self._bytes() + byte_count > MAX_HELD_BYTES):
            _, (pages, _) = self._held.popitem(last=False)
            pages.close()

    def put(self, digest: str, pages: Pages, byte_count: int) -> None:
        """Hold a document of `byte_count` bytes as the newest one."""
        self._held[digest] = (pages, byte_count)

    def _bytes(self) -> int:
        return sum(byte_count for _, byte_count in self._held.values())


def load_handlers() -> Mapping[str, Handler]:
    """Import all that the operations may need, because the sandbox opens no file later, and return them by name."""
    from ocr_mcp.sources.render_worker import pdf_pages, picture_pages

    picture_pages.load_plugins()
    held = HeldDocuments()

    def open_document(arguments: Header, payload: bytes) -> tuple[Header, bytes]:
        digest, name = str(arguments["digest"]), str(arguments["name"])
        held.make_room(len(payload))
        kind = sniff(payload, name)
        pages: Pages = (
            pdf_pages.PdfPages(payload, name)
            if kind is SourceKind.PDF
            else picture_pages.PicturePages(payload, kind, name)
        )
        held.put(digest, pages, len(payload))
        return describe(pages, arguments)

    def on_document(operation: Operation) -> Handler:
        def handler(arguments: Header, _: bytes) -> tuple[Header, bytes]:
            pages = held.get(str(arguments["digest"]))
            return ({"missing": True}, b"") if pages is None else operation(pages, arguments)

        return handler

    operations: Mapping[str, Operation] = {
        "describe": describe,
        "measure": measure,
        "render": render,
        "text_layer": text_layer,
        "unseen_text": unseen_text,
        "snippets": snippets,
        "ink": ink,
    }
    return {"open": open_document, **{name: on_document(operation) for name, operation in operations.items()}}


def describe(pages: Pages, _: Header) -> tuple[Header, bytes]:
    """Return media type, page unit, number of pages and issues of the document."""
    issues: list[JsonValue] = [{"code": code, "message": message} for code, message in pages.issues]
    facts: Header = {"media_type": pages.media_type, "unit": pages.unit, "page_count": pages.page_count}
    return {**facts, "issues": issues}, b""


def measure(pages: Pages, arguments: Header) -> tuple[Header, bytes]:
    """Return width and height of a page in page units, and the number of these units in an inch (None: not known)."""
    width, height = pages.page_size(_index(arguments))
    return {"width": width, "height": height, "units_per_inch": pages.units_per_inch(_index(arguments))}, b""


def render(pages: Pages, arguments: Header) -> tuple[Header, bytes]:
    """Return a region of a page as JPEG of `size_px`, or the page's own scan if its size is within `scan_edge_px`.

    With `levelness` in the arguments, the header holds the picture's levelness, null for a scan that cannot be decoded.
    A header with `scan_px`, width and height in pixels, says that the payload is the page's own scan.
    """
    scan = _scan_that_will_do(pages, arguments)
    picture = _rendered(pages, arguments) if scan is None else scan.data
    facts: Header = {} if scan is None else {"scan_px": [*scan.size_px]}
    if arguments.get("levelness") is True:
        facts["levelness"] = levelness(picture)
    return facts, picture


def _scan_that_will_do(pages: Pages, arguments: Header) -> "WholeScan | None":
    """Return the page's scan if its longer edge is within `scan_edge_px` ([shortest, longest]).

    None is returned without that argument, or if the page has to be drawn.
    """
    limits = cast("list[int] | None", arguments.get("scan_edge_px"))
    scan = pages.whole_scan(_index(arguments)) if limits else None
    return scan if scan and limits and limits[0] <= max(scan.size_px) <= limits[1] else None


def _rendered(pages: Pages, arguments: Header) -> bytes:
    size_px = cast("tuple[int, int]", tuple(cast("list[int]", arguments["size_px"])))
    region = cast("tuple[float, float, float, float]", tuple(cast("list[float]", arguments["region"])))
    quality, turn = cast("int", arguments["jpeg_quality"]), cast("int", arguments["turn"])
    return pages.render(_index(arguments), size_px, region, quality, turn)


def ink(pages: Pages, arguments: Header) -> tuple[Header, bytes]:
    """Return the ink (0 to 1) in each row and each column of a region; the arguments are those of `render`."""
    rows, columns = ink_of(_rendered(pages, arguments))
    return {"rows": [*rows], "columns": [*columns]}, b""


def text_layer(pages: Pages, arguments: Header) -> tuple[Header, bytes]:
    """Return the text layer as JSON in the payload, which may be larger than a header; empty for a picture.

    The header is that of `measure`, which is asked next for most pages; empty where the page cannot be measured.
    """
    layer = pages.text_layer(_index(arguments))
    size: Header = {}
    with suppress(OcrError):
        size, _ = measure(pages, arguments)
    return size, b"" if layer is None else json.dumps(layer).encode("ascii")


def unseen_text(pages: Pages, arguments: Header) -> tuple[Header, bytes]:
    """Return the numbers of characters that cannot be seen, by reason, in the header."""
    return pages.unseen_text(_index(arguments)), b""


def snippets(pages: Pages, arguments: Header) -> tuple[Header, bytes]:
    """Return text, font and picture size in bytes of each stretch in the header.

    Their PNG pictures follow one after the other in the payload.
    """
    fonts = cast("list[str] | None", arguments["fonts"])
    cuts = pages.snippets(_index(arguments), cast("int", arguments["count"]), None if fonts is None else set(fonts))
    found: list[JsonValue] = [[cut.text, cut.font, len(cut.picture)] for cut in cuts]
    return {"snippets": found}, b"".join(cut.picture for cut in cuts)


def _index(arguments: Header) -> int:
    return cast("int", arguments["number"]) - 1


if __name__ == "__main__":
    serve(load_handlers, sandboxed=True)
