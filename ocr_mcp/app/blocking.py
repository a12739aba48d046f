"""Reading without an event loop, for scripts and notebooks."""

from collections.abc import Sequence
from importlib.util import find_spec
from os import PathLike
from typing import TYPE_CHECKING

from ocr_mcp.app.reader import Reader
from ocr_mcp.model.documents import Document
from ocr_mcp.model.read_options import AS_CONFIGURED, ReadOptions

if TYPE_CHECKING:
    from ocr_mcp.settings import Settings


def read(
    source: str | PathLike[str],
    *,
    pages: str | Sequence[int] = "all",
    options: ReadOptions = AS_CONFIGURED,
    settings: "Settings | None" = None,
    **overrides: object,
) -> Document:
    """Read a document and return it with all pages that were asked for; see `Reader.read` and `Reader.open`.

        document = ocr_mcp.read("scan.pdf", pages="1-3", engine="embedded")

    It starts and ends its own engines. A program that reads many documents is faster with one `Reader`. It may be
    called where an event loop runs, as in a notebook, and blocks that loop. Ctrl-C stops the work and the model, then
    `KeyboardInterrupt` is raised.
    """
    from anyio.from_thread import start_blocking_portal

    async def read_once() -> Document:
        async with Reader.open(settings, **overrides) as reader:
            return await reader.read(source, pages=pages, options=options)

    # In a thread of its own the loop meets no other one. When this thread is interrupted, the portal cancels the work
    # and waits until all of it has ended.
    with start_blocking_portal(backend_options={"use_uvloop": find_spec("uvloop") is not None}) as portal:
        return portal.call(read_once)
