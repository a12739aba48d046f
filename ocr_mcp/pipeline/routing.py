"""Decides from what a page is read: its own text, its picture, or both. Each decision has a reason."""

import hashlib
import logging
from dataclasses import dataclass

from pydantic import TypeAdapter

from ocr_mcp.cache import Cache
from ocr_mcp.errors import OcrError
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.text_layers import TextLayer
from ocr_mcp.parsing.text_layer.picture_regions import select_regions
from ocr_mcp.parsing.text_layer.trust import (
    SCAN_SNIPPETS,
    Proof,
    TextLayerVerdict,
    explain_trust,
    find_font_doubt,
    is_ocr_behind_scan,
    is_proven_scan,
    judge_text_layer,
)
from ocr_mcp.pipeline.font_proofs import FontProofs, Recognize
from ocr_mcp.sources.documents import OpenSource

logger = logging.getLogger(__name__)

ROUTING_REVISION = 3
"""Part of the cache keys: raise it when a page would be routed otherwise."""

_KEPT = TypeAdapter(tuple[bool, str])


@dataclass(frozen=True, slots=True)
class Route:
    """The decision for one page.

    `layer` is the text to use, None to read the picture; `reason` says why. `unread` are the places of pictures beside
    the text, which are to be read as well. `is_forced` is True where the user asked for the text, and `doubt` is then
    the reason not to trust it.
    """

    layer: TextLayer | None
    reason: str
    unread: tuple[BoundingBox, ...] = ()
    doubt: str | None = None
    is_forced: bool = False


class Router:
    """Routes pages. `recognize` reads single lines, to compare the text of a page with what the page shows."""

    def __init__(self, cache: Cache | None, recognize: Recognize) -> None:
        self._cache = cache
        self._proofs = FontProofs(cache, recognize)

    async def route(self, source: OpenSource, number: int, *, forced: bool) -> Route:
        """Decide for one page. `forced` takes the text layer whatever it is."""
        if forced:
            return await self._route_forced(source, number)
        known = await self._find_known(source, number)
        if known is not None and not known[0]:
            return Route(None, known[1])
        layer = await source.text_layer(number)
        verdict = judge_text_layer(layer)
        if layer is None or (not verdict.trusted and verdict.proof is Proof.NONE):
            self._keep(source, number, trusted=False, reason=verdict.reason)
            return Route(None, verdict.reason)
        if known is not None:
            return await self._route_native(source, number, layer, verdict, known[1])
        if verdict.proof is Proof.PAGE:
            return await self._route_by_page(source, number, layer, verdict)
        return await self._route_by_fonts(source, number, layer, verdict)

    async def has_met(self, digest: str) -> bool:
        """Return True if the first page of the document with that digest was routed before."""
        return self._cache is not None and await self._cache.get(_key(digest, 1)) is not None

    async def _route_forced(self, source: OpenSource, number: int) -> Route:
        layer = await source.text_layer(number)
        verdict = judge_text_layer(layer)
        if layer is None:
            return Route(None, verdict.reason)
        return Route(
            layer, "the text layer was asked for", doubt=None if verdict.trusted else verdict.reason, is_forced=True
        )

    async def _route_by_page(
        self, source: OpenSource, number: int, layer: TextLayer, verdict: TextLayerVerdict
    ) -> Route:
        """Decide for a page of its own: text of another OCR program, or hidden text, proves nothing for other pages."""
        try:
            found = await self._proofs.measure_differences(source, number, count=2 * SCAN_SNIPPETS)
        except OcrError as error:
            return Route(None, f"{verdict.reason}, which could not be checked: {error.message}")
        if is_proven_scan(found):
            reason = f"{verdict.reason}; it agrees with the picture at {len(found)} places"
            self._keep(source, number, trusted=True, reason=reason)
            return await self._route_native(source, number, layer, verdict, reason)
        reason = f"{verdict.reason}, and it does not agree with the picture" if found else verdict.reason
        self._keep(source, number, trusted=False, reason=reason)
        return Route(None, reason)

    async def _route_by_fonts(
        self, source: OpenSource, number: int, layer: TextLayer, verdict: TextLayerVerdict
    ) -> Route:
        if verdict.proof is Proof.NONE:
            return Route(layer, verdict.reason)
        unchecked = ""
        states: dict[str, bool | None] = {}
        try:
            states = await self._proofs.find_states(source, number, layer)
        except OcrError as error:
            logger.info("text layers are judged by rules alone: %s", error.message)
            unchecked = f" (by rules alone, because it could not be checked: {error.message})"
        doubt = find_font_doubt(layer, states, every=verdict.proof is Proof.EVERY_FONT)
        if doubt is not None:
            if not unchecked:
                self._keep(source, number, trusted=False, reason=doubt)
            return Route(None, doubt)
        reason = f"{verdict.reason}{unchecked}" if unchecked else explain_trust(layer, states)
        return await self._route_native(source, number, layer, verdict, reason)

    async def _route_native(
        self, source: OpenSource, number: int, layer: TextLayer, verdict: TextLayerVerdict, reason: str
    ) -> Route:
        """Route the page to its text, and to the pictures that the text does not stand for."""
        if not verdict.unread_cover or is_ocr_behind_scan(layer):
            return Route(layer, reason)
        info = await source.page_info(number)
        return Route(layer, reason, select_regions(layer, info.size))

    async def _find_known(self, source: OpenSource, number: int) -> tuple[bool, str] | None:
        value = await self._cache.get(_key(source.digest, number)) if self._cache else None
        return None if value is None else _KEPT.validate_json(value)

    def _keep(self, source: OpenSource, number: int, *, trusted: bool, reason: str) -> None:
        """Keep a decision that took work, or that comes before all others: a scan has the same one each time."""
        if self._cache:
            self._cache.put_later(_key(source.digest, number), _KEPT.dump_json((trusted, reason)))


def _key(digest: str, number: int) -> str:
    page = f"{digest}|{number}|{ROUTING_REVISION}"
    return f"route:{hashlib.sha256(page.encode()).hexdigest()}"
