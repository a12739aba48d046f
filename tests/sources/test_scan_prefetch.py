# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# PyMuPDF is only partly typed.
"""The scan of a page comes along with the answer that it has no text, once a page before was drawn from its scan."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pymupdf
import pytest

from ocr_mcp.files.access import AccessPolicy
from ocr_mcp.model.geometry import Size
from ocr_mcp.model.images import Raster
from ocr_mcp.sources.documents import OpenSource, SourceReader
from ocr_mcp.sources.renderers import Content, Renderers
from ocr_mcp.sources.scan_prefetch import MAX_KEPT, ExpectedScans
from ocr_mcp.workers.frames import Header
from tests.sources.jpegs import scan_jpeg

pytestmark = pytest.mark.anyio
RASTER = Raster(long_edge_px=1200, scan_edge_px=2400)


class Asked:
    """What render workers are asked, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ops: list[str] = []
        real = Renderers.ask

        async def ask(
            renderers: Renderers, content: Content, op: str, arguments: Header, *, seconds: float
        ) -> tuple[Header, bytes]:
            self.ops.append(op)
            return await real(renderers, content, op, arguments, seconds=seconds)

        monkeypatch.setattr(Renderers, "ask", ask)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    return Asked(monkeypatch)


@pytest.fixture
async def source(tmp_path: Path) -> AsyncGenerator[OpenSource]:
    """Three A4 scans, one of A5, one of A4 again, one of A4 with words, and one that is drawn."""
    path = tmp_path / "scans.pdf"
    with pymupdf.open() as document:
        for number, (width, height) in enumerate([(595, 842)] * 3 + [(420, 595)] + [(595, 842)] * 3):
            page = document.new_page(width=width, height=height)
            page.insert_image(page.rect, stream=scan_jpeg((1240, 1754), quality=90 - number), keep_proportion=False)
            if number == 5:
                page.insert_text((50, 700), "Words that the page carries itself, in letters")
            if number == 6:
                page.draw_line((0, 0), (100, 100))
        document.save(path)
    reader = SourceReader(policy=AccessPolicy(allowed_folders=None, allow_urls=False), render_workers=1)
    async with reader.open(str(path)) as opened:
        yield opened
    await reader.aclose()


async def read(source: OpenSource, number: int, raster: Raster = RASTER, *, levelness: bool = True) -> bytes:
    await source.text_layer(number)
    return (await source.render(number, raster, levelness=levelness)).data


async def test_scans_of_one_size_come_along_from_the_second_one_on(source: OpenSource, asked: Asked) -> None:
    pages = [await read(source, number) for number in (1, 2, 3)]
    assert asked.ops == ["text_layer", "render", "text_layer", "text_layer"]
    assert len(set(pages)) == 3
    assert pages[1] == (await source.render(2, RASTER, levelness=True)).data  # asked for again, it is drawn again
    assert asked.ops[-1] == "render"


async def test_what_comes_along_is_known_as_well_as_what_is_asked_for(source: OpenSource) -> None:
    await read(source, 1)
    await source.text_layer(2)
    came = await source.render(2, RASTER, levelness=True)
    assert came == await source.render(2, RASTER, levelness=True)
    assert came.levelness is not None


async def test_a_page_of_another_size_is_asked_for(source: OpenSource, asked: Asked) -> None:
    for number in (1, 4, 5):
        await read(source, number)
    assert asked.ops == ["text_layer", "render"] * 3


async def test_another_drawing_than_the_one_that_was_expected_is_asked_for(source: OpenSource, asked: Asked) -> None:
    await read(source, 1)
    smaller = await read(source, 2, Raster(long_edge_px=600))
    assert asked.ops == ["text_layer", "render"] * 2
    assert len(smaller) < len(await read(source, 3))


async def test_no_scan_comes_along_with_words_or_where_the_page_is_drawn(source: OpenSource, asked: Asked) -> None:
    await read(source, 1)
    layer = await source.text_layer(6)
    assert layer is not None
    assert layer.lines
    drawn = await read(source, 7)
    assert asked.ops[2:] == ["text_layer", "unseen_text", "text_layer", "render"]
    assert drawn == (await source.render(7, RASTER, levelness=True)).data


def test_pages_that_nobody_draws_do_not_pile_up() -> None:
    size, drawing, scans = Size(width=595, height=842), Header(turn=0), ExpectedScans()
    scans.wish(1)
    assert scans.take(1, size, drawing) is None
    for number in range(2, 50):
        scans.wish(number)
        scans.keep(number, {"scan_px": [number, 1]}, b"")
    taken = [number for number in range(2, 50) if scans.take(number, size, drawing)]
    assert taken == list(range(50 - MAX_KEPT, 50))
