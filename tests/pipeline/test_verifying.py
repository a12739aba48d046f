"""`verify`: a page as it was read beside what the embedded engine, here the real one, reads of it."""

# pyright: reportUnknownMemberType=false
# pymupdf publishes incomplete types.

import random
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pymupdf
import pytest
from PIL import Image, ImageDraw

from ocr_mcp.app.reader import Reader
from ocr_mcp.emitters.json_document import document_from_json, document_to_json
from ocr_mcp.emitters.markdown import page_to_markdown
from ocr_mcp.engines.embedded.engine import EmbeddedEngine
from ocr_mcp.errors import EngineUnavailableError
from ocr_mcp.files.access import AccessPolicy
from ocr_mcp.model.blocks import BlockLabel
from ocr_mcp.model.documents import Document, Page
from ocr_mcp.model.predictions import EngineIdentity, Task
from ocr_mcp.model.second_opinions import DifferenceKind, SecondOpinion
from ocr_mcp.pipeline import Predictor, ReadOptions, TextLayerPolicy, Verifier
from ocr_mcp.pipeline.verifying import MAX_COMPARED_CHARACTERS, compare_page
from ocr_mcp.settings import Settings
from ocr_mcp.sources.documents import SourceReader
from tests.doubles.ollama_server import OllamaDouble
from tests.emitters.documents import block, page
from tests.parsing.simulated_loops import good_page

pytestmark = pytest.mark.anyio

LINES = (
    "Invoice 4711 of 12 May 2024",
    "The total amount is 1234.50 EUR",
    "payable within thirty days",
    "Goods remain the property of the seller",
)
VERIFIED = ReadOptions(verify=True)


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> str:
    picture = Image.new("RGB", (1200, 600), "white")
    draw = ImageDraw.Draw(picture)
    for at, line in enumerate(LINES):
        draw.text((60, 60 + 110 * at), line, fill="black", font_size=44)
    path = tmp_path_factory.mktemp("verify") / "scan.png"
    picture.save(path)
    return str(path)


@pytest.fixture(scope="module")
def second_reading(scan: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache in which the embedded engine's answer is, so that it has to read the scan once for all tests."""
    folder = tmp_path_factory.mktemp("second")

    async def fill() -> None:
        settings = Settings(engine="embedded", embedded_workers=1, cache_folder=folder)
        async with Reader(settings) as opened:
            await opened.read_page(scan, 1, ReadOptions())

    anyio.run(fill)
    return folder


@pytest.fixture(autouse=True)
def filled_cache(second_reading: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(second_reading, tmp_path / "cache")
    monkeypatch.setenv("OCR_MCP_CACHE_FOLDER", str(tmp_path / "cache"))


@asynccontextmanager
async def reader(answer: str, **settings: object) -> AsyncGenerator[Reader]:
    with OllamaDouble(answer=answer, version="0.24.0") as ollama:
        given = {"engine": "ollama", "ollama_host": ollama.url, "embedded_workers": 1, **settings}
        async with Reader(Settings.model_validate(given)) as opened:
            yield opened


async def read(path: str, answer: str, options: ReadOptions = VERIFIED, **settings: object) -> Page:
    async with reader(answer, **settings) as opened:
        return (await opened.read_page(path, 1, options)).page


def opinion_of(page: Page) -> SecondOpinion:
    assert page.second_opinion is not None
    return page.second_opinion


async def test_a_page_that_was_read_right_is_borne_out(scan: str) -> None:
    page = await read(scan, "\n\n".join(LINES))
    assert opinion_of(page).agreement == 1.0
    assert opinion_of(page).differences == ()
    assert "second time" not in page_to_markdown(page)


async def test_what_the_model_got_wrong_made_up_and_left_out_is_listed_with_its_place(scan: str) -> None:
    answer = "\n\n".join((LINES[0], LINES[1].replace("1234", "1284"), "The buyer accepts all conditions", LINES[3]))
    page = await read(scan, answer)
    opinion = opinion_of(page)
    assert [(each.kind, each.read, each.seen) for each in opinion.differences] == [
        (DifferenceKind.NUMBER, "1284.50", "1234.50"),
        (DifferenceKind.INVENTED, "The buyer accepts all conditions", ""),
        (DifferenceKind.OMITTED, "", LINES[2]),
    ]
    assert opinion.agreement is not None
    assert 0.5 < opinion.agreement < 0.9
    assert opinion.engine is not None
    assert opinion.engine.engine == "embedded"
    (number,) = opinion.differences[0].boxes
    assert 160 < number.top < number.bottom < 230
    assert number.left > 400
    assert page_to_markdown(page).splitlines()[-1] == (
        f"> Page 1 was read a second time ({opinion.agreement:.0%} agree): 1 number differs;"
        " 1 passage was not found on the page; 1 passage of the page is missing here."
    )


async def test_nothing_is_compared_unless_it_is_asked_for(scan: str) -> None:
    assert (await read(scan, LINES[0], ReadOptions())).second_opinion is None
    assert (await read(scan, LINES[0], ReadOptions(verify=False), verify=True)).second_opinion is None
    assert (await read(scan, LINES[0], ReadOptions(), verify=True)).second_opinion is not None


async def test_the_second_reading_is_kept_like_any(scan: str) -> None:
    """Then not even a process of the embedded engine is started."""
    await read(scan, "\n\n".join(LINES))
    async with reader("\n\n".join(LINES)) as opened:
        page = (await opened.read_page(scan, 1, VERIFIED)).page
        engine = (await opened.engines.choose("embedded", Task.MARKDOWN)).engine
    assert opinion_of(page).agreement == 1.0
    assert isinstance(engine, EmbeddedEngine)
    assert engine.sandbox == ()


async def test_the_embedded_engine_is_no_second_opinion_of_itself(scan: str) -> None:
    page = await read(scan, "", engine="embedded")
    opinion = opinion_of(page)
    assert (opinion.agreement, opinion.differences) == (None, ())
    assert "its own second opinion" in (opinion.reason or "")


async def test_a_script_that_the_second_engine_does_not_read_gets_no_figure(scan: str) -> None:
    opinion = opinion_of(await read(scan, "Счёт номер 4711 от 12 мая, всего к оплате"))
    assert opinion.agreement is None
    assert "does not read this script" in (opinion.reason or "")


async def test_a_description_is_not_compared(scan: str) -> None:
    opinion = opinion_of(await read(scan, "A letter.", ReadOptions(task=Task.DESCRIBE, verify=True)))
    assert opinion.agreement is None
    assert "'describe'" in (opinion.reason or "")


async def test_a_second_reading_that_fails_does_not_take_the_page_with_it(scan: str) -> None:
    def missing() -> EmbeddedEngine:
        raise EngineUnavailableError("rapidocr is not installed.", hint="Install it.")

    page = await read(scan, LINES[0], ReadOptions())
    sources = SourceReader(policy=AccessPolicy(allowed_folders=None, allow_urls=False))
    async with sources.open(scan) as source:
        verified = await Verifier(Predictor(None), missing).verify(source, page, VERIFIED)
    await sources.aclose()
    assert verified.blocks == page.blocks
    assert opinion_of(verified).reason == "The second reading failed: rapidocr is not installed."


async def test_a_text_layer_is_compared_with_what_the_page_shows(tmp_path: Path) -> None:
    """Who copies the text gets more than the page shows."""
    path = tmp_path / "layer.pdf"
    with pymupdf.open() as document:
        page = document.new_page(width=595, height=842)
        for at, line in enumerate(LINES):
            page.insert_text((72, 100 + 40 * at), line, fontsize=16)
        page.insert_text((200, 700), "Number 777777 is hidden", fontsize=16, render_mode=3)
        document.save(path)
    options = ReadOptions(text_layer=TextLayerPolicy.ALWAYS, verify=True)
    opinion = opinion_of(await read(str(path), "", options))
    assert opinion.agreement is not None
    assert opinion.agreement > 0.8
    assert [(each.kind, each.read) for each in opinion.differences] == [
        (DifferenceKind.INVENTED, "Number 777777 is hidden")
    ]


async def test_json_holds_the_opinion(scan: str) -> None:
    page = await read(scan, f"{LINES[0]}\n\n{LINES[1]}")
    document = Document(source="scan.png", media_type="image/png", total_pages=1, pages=(page,))
    assert document_from_json(document_to_json(document)) == document
    assert '"second_opinion"' in document_to_json(document)


def test_a_page_with_far_more_text_than_paper_holds_is_not_compared() -> None:
    far_too_long = page(block(BlockLabel.TEXT, good_page(random.Random(1), 2 * MAX_COMPARED_CHARACTERS)))
    opinion = compare_page(far_too_long, [], EngineIdentity(engine="embedded", model="small"))
    assert (opinion.agreement, opinion.reason) == (None, "The page holds too much text to compare.")
