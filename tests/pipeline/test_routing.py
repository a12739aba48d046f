"""Which pages are read from their own text: docs/engines.md, "A PDF's own text"."""

import json
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest

from ocr_mcp.app import PageReading, Reader
from ocr_mcp.cache import Cache
from ocr_mcp.errors import EngineUnavailableError
from ocr_mcp.files.access import AccessPolicy
from ocr_mcp.model.documents import PageOrigin
from ocr_mcp.model.text_layers import RecognizedSnippet
from ocr_mcp.pipeline import ReadOptions, Router, TextLayerPolicy
from ocr_mcp.settings import Settings
from ocr_mcp.sources.documents import SourceReader
from tests.pipeline.layered_pdfs import LINES, ciphered_pdf, mixed_pdf, scanned_pdf, written_pdf

pytestmark = pytest.mark.anyio

SHARED_DATA = Path(__file__).parents[3] / "shared" / "data"
LABELS = SHARED_DATA / "text_layer_trust_labels.json"
OTHER_LINES = tuple(line[::-1] for line in LINES)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for the module, so that its tests share the workers."""
    return "asyncio"


@pytest.fixture(scope="module")
async def reader() -> AsyncGenerator[Reader, None]:
    async with Reader(Settings(engine="embedded", embedded_workers=1, render_workers=1, cache_mb=0)) as reader:
        yield reader


class CountedRecognizer:
    """Reads with the embedded engine, or fails as it is told, and counts the calls."""

    def __init__(self, reader: Reader, error: EngineUnavailableError | None = None) -> None:
        self.calls = 0
        self._reader = reader
        self._error = error

    async def __call__(self, pictures: Sequence[bytes]) -> list[RecognizedSnippet]:
        self.calls += 1
        if self._error is not None:
            raise self._error
        return await self._reader.engines.recognize_snippets(pictures)


@pytest.fixture(scope="module")
async def sources() -> AsyncGenerator[SourceReader, None]:
    sources = SourceReader(policy=AccessPolicy(allowed_folders=None, allow_urls=False), render_workers=1)
    yield sources
    await sources.aclose()


async def read(reader: Reader, path: Path, policy: TextLayerPolicy = TextLayerPolicy.AUTO) -> PageReading:
    return await reader.read_page(str(path), 1, ReadOptions(text_layer=policy))


def words(found: PageReading) -> str:
    return " ".join(block.text for block in found.page.blocks)


async def test_text_that_reads_as_it_says_is_used(reader: Reader, tmp_path: Path) -> None:
    found = await read(reader, written_pdf(tmp_path / "true.pdf"))
    assert (found.page.origin, found.page.issues, found.page.reading) == (PageOrigin.TEXT_LAYER, (), None)
    assert found.page.origin_reason == "the page carries its own text, and its fonts read as it says"


async def test_a_letter_cipher_in_the_fonts_map_is_found_out(reader: Reader, tmp_path: Path) -> None:
    """Two papers of the ACL carry one: no character is odd, so that counting odd ones misses it."""
    path = ciphered_pdf(tmp_path / "cipher.pdf")
    forced = await read(reader, path, TextLayerPolicy.ALWAYS)
    assert "committee" not in words(forced)
    found = await read(reader, path)
    assert found.page.origin is PageOrigin.OCR
    assert "does not say what the page shows" in found.page.origin_reason
    assert "committee" in words(found)


async def test_the_text_behind_a_scan_is_used_where_it_agrees_with_the_picture(reader: Reader, tmp_path: Path) -> None:
    found = await read(reader, scanned_pdf(tmp_path / "good.pdf"))
    assert (found.page.origin, found.page.issues) == (PageOrigin.TEXT_LAYER, ())
    assert "it agrees with the picture at 24 places" in found.page.origin_reason


async def test_the_text_behind_a_scan_is_not_used_where_it_does_not(reader: Reader, tmp_path: Path) -> None:
    found = await read(reader, scanned_pdf(tmp_path / "bad.pdf", OTHER_LINES))
    assert found.page.origin is PageOrigin.OCR
    assert "it does not agree with the picture" in found.page.origin_reason
    assert "committee" in words(found)


async def test_pictures_beside_the_text_are_read_and_put_in_their_place(reader: Reader, tmp_path: Path) -> None:
    found = await read(reader, mixed_pdf(tmp_path / "mixed.pdf", "DANGER HIGH VOLTAGE"))
    labels = [block.label.value for block in found.page.blocks]
    assert (found.page.origin, labels[-2]) == (PageOrigin.MIXED, "picture")
    assert found.page.blocks[-1].text.replace(" ", "") == "DANGERHIGHVOLTAGE"
    assert LINES[0] in words(found).replace("\n", " ")
    assert found.page.reading is not None


async def test_a_picture_is_not_read_where_the_text_layer_is_asked_for(reader: Reader, tmp_path: Path) -> None:
    found = await read(reader, mixed_pdf(tmp_path / "m.pdf", "DANGER"), TextLayerPolicy.ALWAYS)
    assert (found.page.origin, found.page.reading) == (PageOrigin.TEXT_LAYER, None)
    assert "were not read" in found.page.issues[0].message


async def test_a_font_is_proven_once_in_a_document(reader: Reader, sources: SourceReader, tmp_path: Path) -> None:
    recognize = CountedRecognizer(reader)
    router = Router(None, recognize)
    async with sources.open(str(written_pdf(tmp_path / "book.pdf", pages=4))) as source:
        routes = [await router.route(source, number, forced=False) for number in range(1, 5)]
    assert (recognize.calls, {route.reason for route in routes}) == (1, {routes[0].reason})


async def test_what_was_proven_is_kept_in_the_cache(reader: Reader, sources: SourceReader, tmp_path: Path) -> None:
    recognize = CountedRecognizer(reader)
    cache = Cache(tmp_path / "cache.sqlite")
    async with sources.open(str(written_pdf(tmp_path / "book.pdf"))) as source:
        first, later = [await Router(cache, recognize).route(source, 1, forced=False) for _ in range(2)]
    await cache.aclose()
    assert (recognize.calls, later) == (1, first)


async def test_without_a_recogniser_the_rules_decide_and_the_reason_says_so(
    reader: Reader, sources: SourceReader, tmp_path: Path
) -> None:
    missing = EngineUnavailableError("The package 'rapidocr' is missing.", hint="Install it.")
    router = Router(None, CountedRecognizer(reader, missing))
    async with sources.open(str(written_pdf(tmp_path / "true.pdf"))) as source:
        route = await router.route(source, 1, forced=False)
    assert route.layer is not None
    assert "by rules alone" in route.reason
    assert "rapidocr" in route.reason


@pytest.mark.skipif(not LABELS.exists(), reason="the labelled text layers are not on this machine")
async def test_all_labelled_text_layers_are_judged_right(reader: Reader) -> None:
    """`text_layer_trust_labels.json`. Partial ones may go either way: their text is true, but not all that is seen."""
    wrong: list[str] = []
    cases = json.loads(LABELS.read_text())
    for case in cases:
        found = (await reader.read_page(str(SHARED_DATA / case["path"]), case["page"] + 1, ReadOptions())).page
        native = found.origin is PageOrigin.TEXT_LAYER
        if (case["label"] == "bad" and native) or (case["label"] in ("good", "goodOCR") and not native):
            wrong.append(f"{case['file']}: {case['label']}, but {found.origin} because {found.origin_reason}")
    print(f"{len(cases) - len(wrong)} of {len(cases)} labelled text layers judged right")  # noqa: T201  a figure
    assert wrong == []
