"""The processes that see which way up pages are, started as soon as a page is likely to be looked at."""

from typing import TYPE_CHECKING

import anyio

from ocr_mcp.app.building import make_looker
from ocr_mcp.app.configured_engines import ConfiguredEngines
from ocr_mcp.model.images import PageImage
from ocr_mcp.model.orientation import PageLook

if TYPE_CHECKING:
    from ocr_mcp.engines.orientation.pool import PageLooker


class PageLooks:
    """Looks at pages with the embedded engine's models."""

    def __init__(self, engines: ConfiguredEngines) -> None:
        self._engines = engines
        self._looker: PageLooker | None = None
        self._is_wanted = anyio.Event()

    async def look(self, image: PageImage, is_level: bool) -> PageLook:
        """Look at the picture of a page; `is_level` says that its lines are known to be level."""
        return await self._make_looker_once().look(image, is_level=is_level)

    def is_ready(self) -> bool:
        """Return True if a look would begin at once. The question itself has the processes started."""
        self.expect()
        return self._looker is not None and self._looker.is_ready

    def expect(self) -> None:
        """Note that pages will be looked at."""
        self._is_wanted.set()

    async def prepare(self) -> None:
        """Start the processes, which takes about a second."""
        if not self._make_looker_once().is_ready:
            await self._make_looker_once().make_ready()

    async def prepare_when_expected(self) -> None:
        """Start the processes when pages will be looked at: meanwhile the model reads the first page."""
        await self._is_wanted.wait()
        await self.prepare()

    async def aclose(self) -> None:
        """End the processes."""
        if self._looker is not None:
            await self._looker.aclose()

    def _make_looker_once(self) -> "PageLooker":
        if self._looker is None:
            self._looker = make_looker(self._engines.get_embedded())
        return self._looker
