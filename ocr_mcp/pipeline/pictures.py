"""The upright picture of a page for an engine: drawn when it is needed, described where that is enough."""

import hashlib
from collections.abc import Sequence
from functools import cache as cached
from importlib.metadata import version

from ocr_mcp.cache import Cache
from ocr_mcp.model.geometry import Size, whole_page
from ocr_mcp.model.images import PageImage, PageView, Raster
from ocr_mcp.model.options import Rotate
from ocr_mcp.model.orientation import Orientation
from ocr_mcp.model.predictions import Task
from ocr_mcp.model.turning import Turn, turned_box
from ocr_mcp.pipeline.cutting import choose_halves_grid, cut_page
from ocr_mcp.pipeline.orientation import Orientations
from ocr_mcp.pipeline.question import Question
from ocr_mcp.sources.documents import OpenSource

RENDERING_REVISION = 4
"""Part of the cache keys: raise it when the same page of the same file would be drawn differently."""


class PagePicture:
    """The part of a page that a question is about, drawn with an engine's raster.

    `orientations` finds out how to turn the page; None takes it as it is, unless the question says how to turn it. One
    page of the document in `look_at_every` is looked at closely. `is_unseen` is True for a picture that was drawn
    before it could be looked at.
    """

    def __init__(
        self,
        source: OpenSource,
        number: int,
        raster: Raster,
        question: Question,
        cache: Cache | None,
        orientations: Orientations | None = None,
        *,
        look_at_every: int = 1,
    ) -> None:
        self._source = source
        self.number = number
        self._raster = raster
        self._region = question.region
        self._cache = cache
        self._orientations = orientations if _is_looked_at(question) else None
        self._is_looked_at = self._orientations is None
        self._look_at_every = look_at_every
        self._orientation = _to_orientation(question.rotate)
        self._image: PageImage | None = None
        self._view: PageView | None = None
        self.levelness: float | None = None
        self.is_unseen = False
        shown = question.region.model_dump_json() if question.region else "whole"
        turned = "found" if self._orientations else str(int(self._orientation.turn))
        self._key = _key(source.digest, str(number), raster.model_dump_json(), shown, turned, _describe_renderer())

    async def view(self) -> PageView:
        """Describe the picture, without drawing it if the cache knows it."""
        known = await self._cache.get(self._key) if self._cache else None
        if known is not None:
            view = PageView.model_validate_json(known)
            self._orientation = Orientation(turn=view.turn, reason=view.turn_reason)
            self._is_looked_at = True
            return view
        view = (await self.image()).view()
        if self.is_unseen:
            self._view = view
        else:
            self._keep(view)
        return view

    async def image(self) -> PageImage:
        """Draw the picture, once."""
        if self._image is None:
            asks = not self._is_looked_at and self._look_at_every > 1
            self._image = await self.draw(self._raster, levelness=asks)
        if not self._is_looked_at:
            self._is_looked_at = True
            self.levelness = self._image.levelness
            self._image = await self._turn_upright(self._image)
        return self._image

    def put_down(self) -> None:
        """Drop the picture from memory; it is drawn again where it is needed."""
        self._image = None

    async def draw(self, raster: Raster, *, levelness: bool = False) -> PageImage:
        """Draw the picture with another raster; nothing is kept of it."""
        orientation = self._orientation
        image = await self._source.render(
            self.number, raster, region=self._region, turn=orientation.turn, levelness=levelness
        )
        return image.model_copy(update={"turn_reason": orientation.reason}) if orientation.reason else image

    async def turn_after_all(self) -> PageImage | None:
        """Draw the picture upright, where a close look shows that it is not.

        Return None where it is upright, or may not be looked at.
        """
        if self._orientations is None or self._orientation.turn:
            return None
        return await self._apply_turn(await self._orientations.look_closely(self._source.digest, self))

    async def look_after_all(self) -> PageImage | None:
        """Look at a picture that `is_unseen`, and draw it upright where it is not; None where it is."""
        if self._orientations is None:
            return None
        found = await self._orientations.find_now(self._source.digest, self, every=self._look_at_every)
        return await self._apply_turn(found)

    async def _apply_turn(self, found: Orientation) -> PageImage | None:
        if found.turn:
            self._orientation = found
            self._image = await self.draw(self._raster)
            self._view = self._image.view()
        if self.is_unseen:
            self.is_unseen = False
            assert self._view is not None  # noqa: S101  only a picture that was drawn can be unseen
            self._keep(self._view)
        return self._image if found.turn else None

    async def draw_halves(self) -> Sequence[PageImage]:
        """Draw the part in two halves, cut across its longer side, in the order of reading."""
        info = await self._source.page_info(self.number)
        area, turn = self._region or whole_page(info.size), self._orientation.turn
        upright = turned_box(area, info.size, turn)
        grid = choose_halves_grid(Size(width=upright.width, height=upright.height))
        regions = await cut_page(self._source, self.number, area, turn, grid)
        return [await self._source.render(self.number, self._raster, region=r, turn=turn) for r in regions]

    def _keep(self, view: PageView) -> None:
        if self._cache:
            self._cache.put_later(self._key, view.model_dump_json().encode())

    async def _turn_upright(self, image: PageImage) -> PageImage:
        assert self._orientations is not None  # noqa: S101  without them nothing is looked at
        found = await self._orientations.find(self._source.digest, self, every=self._look_at_every)
        self.is_unseen = found is None
        if found is None:
            return image
        self._orientation = found
        if found.turn is Turn.NONE:
            return image.model_copy(update={"turn_reason": found.reason}) if found.reason else image
        return await self.draw(self._raster)


def _is_looked_at(question: Question) -> bool:
    """Return False for charts: their text runs every way, and they are mostly cut out upright."""
    return question.rotate is Rotate.AUTO and question.task is not Task.CHART


def _to_orientation(rotate: Rotate) -> Orientation:
    if rotate in (Rotate.AUTO, Rotate.NONE):
        return Orientation()
    turn = Turn(int(rotate))
    return Orientation(turn=turn, reason=f"The page was turned by {int(turn)} degrees clockwise, as asked.")


@cached
def _describe_renderer() -> str:
    return f"{RENDERING_REVISION}, pymupdf {version('pymupdf')}, pillow {version('pillow')}"


def _key(*parts: str) -> str:
    return f"view:{hashlib.sha256('|'.join(parts).encode()).hexdigest()}"
