"""Finds out which way up pages are: every page where reading takes seconds, some of a long document where a GPU reads.

The first pages of a document are looked at, and one in so many of the later ones. That number is odd, so that both
sides of sheets are looked at. The lightness of a page shows whether its lines are level. A quick look is enough for a
page whose lines are; later pages whose lines are not are all looked at. Once a page was not upright, every page that
follows is looked at. A page that escapes all this shows in its answer: see `ocr_mcp.pipeline.ladder`.

An engine that reads faster than pages can be looked at is not kept waiting. Its pages are looked at after they were
read, in the processor time that is left, and read again where they were not upright.
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
"""Pages at the beginning of a document that are looked at in any case."""

MAX_LOOKS_AHEAD = 4
"""Looks that may be under way, or wait, while one more page still waits to be looked at before it is read."""

MIN_LEVELNESS = 1.5
"""Levelness (see `PageImage`) above which a page does not lie on its side."""

_MAX_DOCUMENTS = 32

IsReady = Callable[[], bool]
"""Returns True if a look would begin at once. The question itself may start the processes that look."""

Look = Callable[[PageImage, bool], Awaitable[PageLook]]
"""Looks at the picture of a page; True says that its lines are known to be level."""


class Picture(Protocol):
    """The picture of a page, which is drawn only when it is asked for."""

    number: int
    levelness: float | None

    async def image(self) -> PageImage:
        """Draw the picture."""
        ...


@dataclass(slots=True)
class _Document:
    """The pages of one document, as far as they were looked at. `seen` are the digests of their pictures.

    `started` and `ended` count the looks at the first pages; `settled` is set when all of these have ended.
    """

    started: int = 0
    ended: int = 0
    is_mixed: bool = False
    seen: set[str] = field(default_factory=set[str])
    settled: anyio.Event = field(default_factory=anyio.Event)

    def start_first(self) -> bool:
        """Count one more of the first pages; return False if there have been enough of them."""
        if self.started == FIRST_PAGES:
            return False
        self.started += 1
        return True

    def takes_for_level(self, picture: Picture) -> bool:
        """Return True if the lines of the page are plainly level, as those of the pages before were."""
        return not self.is_mixed and picture.levelness is not None and picture.levelness > MIN_LEVELNESS

    def needs_no_look(self, picture: Picture, every: int) -> bool:
        """Return True for a later page that is level, unless it is the one in `every` that is looked at nevertheless.

        Level lines do not tell whether a page is upside down.
        """
        return self.takes_for_level(picture) and picture.number % every != 1

    def note(self, orientation: Orientation) -> None:
        """Take note of how one more page lies."""
        self.is_mixed = self.is_mixed or bool(orientation.turn)

    def end_one(self) -> None:
        """Count the end of a look at one of the first pages, also of one that failed."""
        self.ended += 1
        if self.ended >= FIRST_PAGES:
            self.settled.set()


class Orientations:
    """Finds out which way up pages are. It remembers the documents that were read last.

    `look` looks at one page; `is_ready` says whether it could begin at once.
    """

    def __init__(self, look: Look, *, is_ready: IsReady = lambda: True) -> None:
        self._look = look
        self._is_ready = is_ready
        self._documents: OrderedDict[str, _Document] = OrderedDict()
        self._under_way = 0

    async def find(self, digest: str, picture: Picture, *, every: int) -> Orientation | None:
        """Return how to turn the page in the picture. `digest` is the document's; one page in `every` is looked at.

        Return None where an engine that is faster than looking would have to wait: such a page is looked at after it
        was read. The pages of a document that holds turned ones wait all the same: reading them twice takes longer.
        """
        document = self._document(digest)
        if every == 1 or self._is_soon_seen(document):
            return await self.find_now(digest, picture, every=every)
        if document.settled.is_set() and document.needs_no_look(picture, every):
            return Orientation()
        return None

    async def find_now(self, digest: str, picture: Picture, *, every: int) -> Orientation:
        """Return how to turn the page, however long it takes until a look can begin."""
        document = self._document(digest)
        self._under_way += 1
        try:
            return await self._find_in(document, picture, every)
        finally:
            self._under_way -= 1

    async def look_closely(self, digest: str, picture: Picture) -> Orientation:
        """Return how to turn a page whose answer is wrong. A picture is not looked at twice: that shows nothing new."""
        document = self._document(digest)
        is_seen = (await picture.image()).digest in document.seen
        return Orientation() if is_seen else await self._look_at(document, picture)

    async def _find_in(self, document: _Document, picture: Picture, every: int) -> Orientation:
        if every == 1:
            return await self._look_at(document, picture)
        if document.start_first():
            try:
                return await self._look_at(document, picture, is_level=document.takes_for_level(picture))
            finally:
                document.end_one()
        await document.settled.wait()
        if document.needs_no_look(picture, every):
            return Orientation()
        return await self._look_at(document, picture, is_level=document.takes_for_level(picture))

    def _is_soon_seen(self, document: _Document) -> bool:
        return self._is_ready() and (document.is_mixed or self._under_way < MAX_LOOKS_AHEAD)

    async def _look_at(self, document: _Document, picture: Picture, *, is_level: bool = False) -> Orientation:
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
        if len(self._documents) > _MAX_DOCUMENTS:
            self._documents.popitem(last=False)
        return document
