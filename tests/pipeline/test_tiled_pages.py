"""A page that is too large for an engine to see its print is read in parts, and comes out as one page."""

# pyright: reportUnknownMemberType=false
# pymupdf publishes incomplete types.

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pymupdf
import pytest

from ocr_mcp.app.reader import Reader
from ocr_mcp.emitters.markdown import page_to_markdown
from ocr_mcp.model.documents import IssueCode, Page
from ocr_mcp.model.predictions import Task
from ocr_mcp.pipeline import ReadOptions, TextLayerPolicy
from ocr_mcp.settings import Settings
from tests.doubles.ollama_faults import Fault
from tests.doubles.ollama_server import GenerateCall, OllamaDouble

pytestmark = pytest.mark.anyio

BROADSHEET = (1080, 1638)
LINES = 32


def newspaper(path: Path, size: tuple[int, int] = BROADSHEET) -> Path:
    """A large page of small print in lines that leave no white space to cut through."""
    width, height = size
    with pymupdf.open() as document:
        page = document.new_page(width=width, height=height)
        for row in range(LINES):
            said = f"Line {row:02} of the newspaper tells of ships and harbours and of the weather in the north."
            page.insert_text((40, 60 + row * (height - 100) / LINES), said, fontsize=24)
        for row in range(LINES * 8):  # specks in all rows, as on a scan
            page.insert_text((width - 60 + row % 7 * 6, 20 + row * (height - 40) / LINES / 8), "|", fontsize=10)
        document.save(path)
    return path


@asynccontextmanager
async def reader(**settings: object) -> AsyncGenerator[Reader]:
    async with Reader(Settings.model_validate({"loop_fallback": False, **settings})) as opened:
        yield opened


async def read(path: Path, **settings: object) -> Page:
    async with reader(**settings) as opened:
        options = ReadOptions(text_layer=TextLayerPolicy.NEVER)
        return (await opened.read_page(str(path), 1, options)).page


def said_by_part(call: GenerateCall) -> str:
    """One block that fills the picture; which part it is shows in its size and darkness."""
    return f"<|ref|>text<|/ref|><|det|>[[0, 100, 999, 900]]<|/det|>\nA part of {hash(call.image) % 10**8} words."


async def test_a_broadsheet_is_read_in_parts_by_the_embedded_engine_and_no_line_is_lost_or_doubled(
    tmp_path: Path,
) -> None:
    page = await read(newspaper(tmp_path / "a.pdf"), engine="embedded", embedded_workers=1)
    text = page_to_markdown(page)
    assert [text.replace(" ", "").count(f"Line{row:02}ofthenewspaper") for row in range(LINES)] == [1] * LINES
    assert [issue.message for issue in page.issues if issue.code is IssueCode.IN_PARTS] == [
        "The page is so large that its print would be seen at 88 dpi; it was read in 2 parts."
    ]
    tops = [line.box.top for block in page.blocks for line in block.lines if line.text.startswith("Line")]
    assert tops == sorted(tops)
    assert tops[-1] > 0.9 * BROADSHEET[1]


async def test_each_part_is_asked_for_and_kept_by_itself(tmp_path: Path) -> None:
    path = newspaper(tmp_path / "a.pdf")
    with OllamaDouble(answer=said_by_part, version="0.24.0") as ollama:
        pages = [await read(path, engine="ollama", ollama_host=ollama.url) for _ in range(2)]
    assert len(ollama.generations) == 2
    assert pages[0] == pages[1]
    upper, lower = (block.boxes[0] for block in pages[0].blocks)
    assert (upper.left, upper.right) == (0, 1080)
    assert (upper.top < 100, lower.bottom > 1500) == (True, True)


async def test_a_part_that_fails_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    path = newspaper(tmp_path / "a.pdf")
    with OllamaDouble(answer=said_by_part, version="0.24.0") as ollama:
        ollama.fault = lambda _: Fault.NO_VISION if len(ollama.generations) == 2 else None
        page = await read(path, engine="ollama", ollama_host=ollama.url)
    assert len(page.blocks) == 1
    [missing] = [issue.message for issue in page.issues if issue.code is IssueCode.PART_MISSING]
    assert missing.startswith("Part ")
    assert "> Page 1 is incomplete: Part " in page_to_markdown(page)


@pytest.mark.parametrize(("size", "asked"), [((595, 842), 1), ((842, 1191), 1), ((1920, 1080), 1), ((1600, 2400), 4)])
async def test_only_pages_that_would_be_seen_too_coarsely_are_cut(
    tmp_path: Path, size: tuple[int, int], asked: int
) -> None:
    """A4, A3, a slide as programs print them, and two broadsheets."""
    path = newspaper(tmp_path / "a.pdf", size)
    with OllamaDouble(answer=said_by_part, version="0.24.0") as ollama:
        await read(path, engine="ollama", ollama_host=ollama.url)
    assert len(ollama.generations) == asked


async def test_a_description_is_of_the_whole_page(tmp_path: Path) -> None:
    with OllamaDouble(answer="A newspaper.", version="0.24.0") as ollama:
        async with reader(engine="ollama", ollama_host=ollama.url) as opened:
            await opened.read_page(str(newspaper(tmp_path / "a.pdf")), 1, ReadOptions(task=Task.DESCRIBE))
    assert len(ollama.generations) == 1
