"""Which way up pages are: all of them where reading takes seconds, some of a long document where a GPU reads.

The first pages of a document are looked at, and one of so many later ones: of an odd number, so that both sides of
sheets have their turn. The lightness shows whether the lines of a page are level: then a glance will do, and all later
pages are looked at where it does not. Once a page was not upright, every page that follows is looked at. What escapes
that shows in the answer (see `ladder.py`).

An engine that reads faster than pages can be looked at is not kept waiting: pages are then looked at after they were
read, with what processor time is left, and read again where that was wrong.
"""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

import anyio

from ocr_mcp.errors import OcrError
from ocr_mcp.model.images import PageImage
from ocr_mcp.model.orientation import Orientation, PageLook
from ocr_mcp.parsing.layout.orientation import judge_orientation

logger = logging.getLogger(__name__)

FIRST_PAGES = 4

MAX_AHEAD = 4
"""Looks that may be under way or wait for one while another page still waits to be looked at before it is read."""

PLAINLY_LEVEL = 1.5
"""Levelness (see `PageImage`) above which a page does not lie on its side."""

_DOCUMENTS = 32

IsReady = Callable[[], bool]
"""Whether a look would begin at once; the question itself may have the one who looks made ready."""

Look = Callable[[PageImage, bool], Awaitable[PageLook]]
"""At a page, of which it is known that its lines are level, or not."""


class Picture(Protocol):
    """A page's picture, which is only drawn where it must be."""

    number: int
    levelness: float | None

    async def image(self) -> PageImage:
        """It to look at."""
        ...


@dataclass(slots=True)
class _Document:
    """What is known of the pages of one document. `seen` are the digests of pictures that were looked at."""

    started: int = 0
    ended: int = 0
    is_mixed: bool = False
    seen: set[str] = field(default_factory=set[str])
    settled: anyio.Event = field(default_factory=anyio.Event)

    def is_first(self) -> bool:
        """Whether the page is one of the first that are looked at; counts it as such."""
        if self.started == FIRST_PAGES:
            return False
        self.started += 1
        return True

    def takes_for_level(self, picture: Picture) -> bool:
        """Whether its lines are plainly level, as those of the pages before were."""
        return not self.is_mixed and picture.levelness is not None and picture.levelness > PLAINLY_LEVEL

    def needs_no_look(self, picture: Picture, every: int) -> bool:
        """Whether a later page is level, and none of those that may be upside down and are looked at."""
        return self.takes_for_level(picture) and picture.number % every != 1

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
        self._under_way = 0

    async def find(self, digest: str, picture: Picture, *, every: int) -> Orientation | None:
        """How to turn the page in the picture. `digest` is the document's; one page in `every` is looked at.

        None where an engine that is faster than looking would have to wait: such a page is looked at after it was
        read. A document that is known to hold turned pages is waited for: reading them twice takes longer.
        """
        document = self._document(digest)
        if every == 1 or self._is_soon_seen(document):
            return await self.find_now(digest, picture, every=every)
        if document.settled.is_set() and document.needs_no_look(picture, every):
            return Orientation()
        return None

    async def find_now(self, digest: str, picture: Picture, *, every: int) -> Orientation:
        """The same, however long it takes until looking can begin."""
        document = self._document(digest)
        self._under_way += 1
        try:
            return await self._found(document, picture, every)
        finally:
            self._under_way -= 1

    async def look_closely(self, digest: str, picture: Picture) -> Orientation:
        """The same for a page of which something is wrong; a second look at one picture shows nothing new."""
        document = self._document(digest)
        is_seen = (await picture.image()).digest in document.seen
        return Orientation() if is_seen else await self._seen(document, picture)

    async def _found(self, document: _Document, picture: Picture, every: int) -> Orientation:
        if every == 1:
            return await self._seen(document, picture)
        if document.is_first():
            try:
                return await self._seen(document, picture, is_level=document.takes_for_level(picture))
            finally:
                document.end_one()
        await document.settled.wait()
        if document.needs_no_look(picture, every):
            return Orientation()
        return await self._seen(document, picture, is_level=document.takes_for_level(picture))

    def _is_soon_seen(self, document: _Document) -> bool:
        return self._is_ready() and (document.is_mixed or self._under_way < MAX_AHEAD)

    async def _seen(self, document: _Document, picture: Picture, *, is_level: bool = False) -> Orientation:
        image = await picture.image()
        try:
            orientation = judge_orientation(await self._look(image, is_level))
        except OcrError as error:
            logger.info("page %d is read as it is: %s", image.number, error.message)
            return Orientation(reason=f"Whether the page is upright could not be checked: {error.message}")
        document.seen.add(image.digest)
        document.note(orientation)
        return orientation

    def _document(self, digest: str) -> _Document:
        document = self._documents.setdefault(digest, _Document())
        self._documents.move_to_end(digest)
        if len(self._documents) > _DOCUMENTS:
            self._documents.popitem(last=False)
        return document
