"""Which way up pages are: all of them where reading takes seconds, some of a long document where a GPU reads.

The first pages of a document are looked at closely, and every so many later ones with the page after it, so that both
sides of a sheet are among them. At all others a glance shows whether their lines are level. Once a page was not
upright, every page that follows is looked at. What escapes that shows in the answer (see `ladder.py`).
"""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import anyio

from ocr_mcp.errors import OcrError
from ocr_mcp.model.images import PageImage
from ocr_mcp.model.orientation import Orientation, PageLook
from ocr_mcp.parsing.orientation import judged_orientation

logger = logging.getLogger(__name__)

FIRST_PAGES = 4

_DOCUMENTS = 32

IsReady = Callable[[], bool]
"""Whether a look would begin at once; the question itself may have the one who looks made ready."""

Look = Callable[[PageImage, bool], Awaitable[PageLook | None]]
"""Looks at a page; closely if the second argument says so, else only if a glance does not show level lines (None)."""


@dataclass(slots=True)
class _Document:
    """What is known of the pages of one document. `seen` are the digests of pictures that were looked at closely."""

    started: int = 0
    ended: int = 0
    is_mixed: bool = False
    seen: set[str] = field(default_factory=set[str])
    settled: anyio.Event = field(default_factory=anyio.Event)

    async def wants_close_look(self, number: int, every: int) -> bool:
        """Whether to look closely at a page; waits until the first pages are known."""
        if every == 1:
            return True
        if self.started < FIRST_PAGES:
            self.started += 1
            return True
        await self.settled.wait()
        return self.is_mixed or number % every in (0, 1)

    def note(self, orientation: Orientation) -> None:
        """One page more is known."""
        self.is_mixed = self.is_mixed or bool(orientation.turn)

    def end_one(self) -> None:
        """One of the first pages is known, or will not be."""
        self.ended += 1
        if self.ended >= FIRST_PAGES:
            self.settled.set()


class Orientations:
    """Finds out which way up pages are, with what it saw of the other pages of the documents that were read last."""

    def __init__(self, look: Look, *, is_ready: IsReady = lambda: True) -> None:
        self._look = look
        self._is_ready = is_ready
        self._documents: OrderedDict[str, _Document] = OrderedDict()

    async def find(self, digest: str, image: PageImage, *, every: int) -> Orientation | None:
        """How to turn the page in the picture. `digest` is the document's; one page in `every` is looked at closely.

        None where an engine that is faster than looking would have to wait until looking can begin: such a page is
        looked at after it was read.
        """
        if every > 1 and not self._is_ready():
            return None
        return await self.find_now(digest, image, every=every)

    async def find_now(self, digest: str, image: PageImage, *, every: int) -> Orientation:
        """The same, however long it takes until looking can begin."""
        document = self._document(digest)
        is_close = await document.wants_close_look(image.number, every)
        try:
            orientation = await self._seen(image, is_close=is_close)
            document.note(orientation)
            if is_close:
                document.seen.add(image.digest)
        finally:
            if is_close:
                document.end_one()
        return orientation

    async def look_closely(self, digest: str, image: PageImage) -> Orientation:
        """The same for a page of which something is wrong; a second look at one picture shows nothing new."""
        document = self._document(digest)
        if image.digest in document.seen:
            return Orientation()
        orientation = await self._seen(image, is_close=True)
        document.note(orientation)
        return orientation

    async def _seen(self, image: PageImage, *, is_close: bool) -> Orientation:
        try:
            seen = await self._look(image, is_close)
        except OcrError as error:
            logger.info("page %d is read as it is: %s", image.number, error.message)
            return Orientation(reason=f"Whether the page is upright could not be checked: {error.message}")
        return Orientation() if seen is None else judged_orientation(seen)

    def _document(self, digest: str) -> _Document:
        document = self._documents.setdefault(digest, _Document())
        self._documents.move_to_end(digest)
        if len(self._documents) > _DOCUMENTS:
            self._documents.popitem(last=False)
        return document
