"""Proves that fonts tell the truth, each once in a document: a recogniser reads again what the font wrote."""

import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

import anyio

from ocr_mcp.cache import Cache
from ocr_mcp.model.text_layers import RecognizedSnippet, TextFont, TextLayer, TextSnippet
from ocr_mcp.parsing.text_layer.trust import FONT_SNIPPETS, agrees, measure_differences
from ocr_mcp.sources.documents import OpenSource

PROOF_REVISION = 1
"""Part of the cache keys: raise it when fonts would be judged otherwise."""

MIN_SNIPPETS_TO_KEEP = 2
"""Snippets that a proof needs to hold for the whole document."""

MIN_SNIPPETS_TO_REFUTE = 4
"""Snippets that are needed to hold something against a font alone: a script face may be hard to read."""

_MAX_DOCUMENTS = 32

Recognize = Callable[[Sequence[bytes]], Awaitable[list[RecognizedSnippet]]]
"""Reads pictures of one line each. Raises an `EngineError` where nothing can read them."""


@dataclass(slots=True)
class _DocumentFonts:
    """The fonts of one document by identity: those that are settled, and the differences seen of the others.

    `asked` are the fonts that were looked up in the cache.
    """

    lock: anyio.Lock = field(default_factory=anyio.Lock)
    settled: dict[str, bool] = field(default_factory=dict[str, bool])
    asked: set[str] = field(default_factory=set[str])
    seen: dict[str, list[float]] = field(default_factory=dict[str, list[float]])


class FontProofs:
    """Knows the fonts of the documents that were read last, in memory and in the cache."""

    def __init__(self, cache: Cache | None, recognize: Recognize) -> None:
        self._cache = cache
        self._recognize = recognize
        self._documents: OrderedDict[str, _DocumentFonts] = OrderedDict()

    async def find_states(self, source: OpenSource, number: int, layer: TextLayer) -> dict[str, bool | None]:
        """Return the state of each font by name: proven, refuted, or None where too little can be recognised again."""
        known = self._known(source.digest)
        await self._recall(source.digest, known, layer.fonts)
        local: dict[str, bool | None] = {}
        if _open_fonts(known, layer.fonts):
            async with known.lock:
                if unproven := _open_fonts(known, layer.fonts):
                    local = await self._prove(source, number, unproven, known)
        return {font.name: known.settled.get(_identity(font), local.get(font.name)) for font in layer.fonts}

    async def measure_differences(self, source: OpenSource, number: int, *, count: int) -> list[float]:
        """Compare the text with the picture of the page at about `count` places all over it; 0 is no difference."""
        snippets = await source.snippets(number, count=count)
        return [found for found in await self._compare(snippets) if found is not None]

    def _known(self, digest: str) -> _DocumentFonts:
        known = self._documents.setdefault(digest, _DocumentFonts())
        self._documents.move_to_end(digest)
        if len(self._documents) > _MAX_DOCUMENTS:
            self._documents.popitem(last=False)
        return known

    async def _recall(self, digest: str, known: _DocumentFonts, fonts: Iterable[TextFont]) -> None:
        """Take the states that an earlier read has settled from the cache."""
        new = [name for font in fonts if (name := _identity(font)) not in known.asked]
        if not new:
            return
        known.asked.update(new)
        keys = {_key(digest, name): name for name in new}
        values = await self._cache.get_many(keys) if self._cache else {}
        known.settled.update({keys[key]: value == b"1" for key, value in values.items()})

    async def _prove(
        self, source: OpenSource, number: int, fonts: Sequence[TextFont], known: _DocumentFonts
    ) -> dict[str, bool | None]:
        """Look at the text of each font on this page, and at more of it where the first look disagrees."""
        whole = await self._look(source, number, fonts, known, max(FONT_SNIPPETS, 2 * len(fonts)))
        doubtful = [font for font in fonts if (seen := known.seen.get(_identity(font))) and not agrees(seen)]
        if doubtful:
            await self._look(source, number, doubtful, known, FONT_SNIPPETS * len(doubtful))
        local = {font.name: _state(known.seen.get(_identity(font), []), agrees(whole)) for font in fonts}
        await self._settle(source.digest, fonts, local, known)
        return local

    async def _look(
        self, source: OpenSource, number: int, fonts: Sequence[TextFont], known: _DocumentFonts, count: int
    ) -> list[float]:
        """Compare `count` snippets, note the differences by font, and return all of them."""
        names = {font.name: _identity(font) for font in fonts}
        snippets = await source.snippets(number, count=count, fonts=names)
        found: list[float] = []
        for snippet, difference in zip(snippets, await self._compare(snippets), strict=True):
            if difference is not None:
                known.seen.setdefault(names[snippet.font], []).append(difference)
                found.append(difference)
        return found

    async def _compare(self, snippets: Sequence[TextSnippet]) -> list[float | None]:
        if not snippets:
            return []
        return measure_differences(snippets, await self._recognize([snippet.picture for snippet in snippets]))

    async def _settle(
        self, digest: str, fonts: Iterable[TextFont], local: dict[str, bool | None], known: _DocumentFonts
    ) -> None:
        """Keep the states that enough snippets bear out."""
        settled: dict[str, bool] = {}
        for font in fonts:
            state, seen = local[font.name], known.seen.get(_identity(font), [])
            if state is not None and len(seen) >= (MIN_SNIPPETS_TO_KEEP if state else FONT_SNIPPETS):
                settled[_identity(font)] = state
        known.settled.update(settled)
        if self._cache and settled:
            await self._cache.put_many({_key(digest, name): b"01"[s : s + 1] for name, s in settled.items()})


def _state(seen: Sequence[float], page_agrees: bool) -> bool | None:
    """Judge a font by its own snippets; where they are few, the other fonts of the page speak for it."""
    if not seen:
        return None
    if agrees(seen):
        return True
    return None if page_agrees and len(seen) < MIN_SNIPPETS_TO_REFUTE else False


def _open_fonts(known: _DocumentFonts, fonts: Iterable[TextFont]) -> list[TextFont]:
    return [font for font in fonts if font.checkable_count and _identity(font) not in known.settled]


def _identity(font: TextFont) -> str:
    return f"{font.name}|{font.digest}"


def _key(digest: str, identity: str) -> str:
    font = f"{digest}|{identity}|{PROOF_REVISION}"
    return f"font:{hashlib.sha256(font.encode()).hexdigest()}"
