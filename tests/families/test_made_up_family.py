"""A new family is one file and one call: pages are then read with its own prompts, labels, box scale and end token."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ocr_mcp.app.reader import Reader
from ocr_mcp.emitters.markdown import page_to_markdown
from ocr_mcp.errors import EngineRefusedError, UsageError
from ocr_mcp.families import registry
from ocr_mcp.families.registry import askable_names, find_family, register
from ocr_mcp.model.blocks import BlockLabel
from ocr_mcp.model.documents import Page
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.predictions import Task
from ocr_mcp.model.read_options import ReadOptions
from ocr_mcp.settings import Settings, load_settings
from tests.documents import written
from tests.doubles.ollama_server import OllamaDouble
from tests.doubles.openai_server import OpenAIDouble
from tests.families.comet_ocr import COMET_OCR

pytestmark = pytest.mark.anyio

ANSWER = (
    "<kind>headline</kind><where>[[0, 0, 1000, 200]]</where>\n"
    "Minutes\n\n"
    "<kind>body</kind><where>[[0, 200, 500, 600]]</where>\n"
    "The board met in May.\n\n"
    "<kind>remark</kind><where>[[0, 900, 1000, 1000]]</where>\n"
    "Not signed.</answer>"
)
MARKDOWN = "# Minutes\n\nThe board met in May.\n\nNot signed."


@pytest.fixture(autouse=True)
def _comet(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]  pytest uses it
    """The family is known during a test, and gone afterwards."""
    monkeypatch.setattr(registry, "_families", dict(registry._families))  # pyright: ignore[reportPrivateUsage]
    register(COMET_OCR)


@pytest.fixture
def ollama() -> Generator[OllamaDouble]:
    with OllamaDouble(answer=ANSWER, model="comet-ocr:latest") as double:
        double.shown = {"details": {"family": "comet"}}
        yield double


@pytest.fixture
def scan(tmp_path: Path) -> str:
    return str(written(tmp_path / "scan.png", "Minutes", size=(800, 400)))


@asynccontextmanager
async def reader(**settings: object) -> AsyncGenerator[Reader]:
    async with Reader(Settings.model_validate({"loop_fallback": False, "rotate": "0", **settings})) as opened:
        yield opened


async def read(path: str, task: Task = Task.MARKDOWN, **settings: object) -> Page:
    async with reader(**settings) as opened:
        return (await opened.read_page(path, 1, ReadOptions(task=task))).page


def box(left: float, top: float, right: float, bottom: float) -> BoundingBox:
    return BoundingBox(left=left, top=top, right=right, bottom=bottom)


def check(page: Page) -> None:
    """Its Markdown, its labels, and its boxes in pixels of a picture of 800 x 400."""
    assert page_to_markdown(page) == MARKDOWN
    assert [(block.label, block.source_label, block.boxes) for block in page.blocks] == [
        (BlockLabel.TITLE, "headline", (box(0, 0, 800, 80),)),
        (BlockLabel.TEXT, "body", (box(0, 80, 400, 240),)),
        (BlockLabel.FOOTNOTE, "remark", (box(0, 360, 800, 400),)),
    ]
    assert page.issues == ()


async def test_a_page_is_read_with_it_through_ollama(ollama: OllamaDouble, scan: str) -> None:
    check(await read(scan, engine="ollama", ollama_host=ollama.url, model="comet-ocr"))
    body = ollama.generations[0].body
    assert body["prompt"] == "Transcribe the page with its layout."
    assert body["options"] == {"num_ctx": 4096, "num_predict": 3000, "temperature": 0, "repeat_penalty": 1.0}


async def test_an_answer_from_the_cache_is_parsed_with_it_too(ollama: OllamaDouble, scan: str) -> None:
    for _ in range(2):
        check(await read(scan, engine="ollama", ollama_host=ollama.url, model="comet-ocr"))
    assert len(ollama.generations) == 1


async def test_a_page_is_read_with_it_through_an_openai_server(scan: str) -> None:
    with OpenAIDouble(answer=ANSWER, model="stars/Comet-OCR-7B") as server:
        check(await read(scan, engine="openai", openai_base_url=server.url))
        body = server.completions[0].body
    assert (body["max_tokens"], body["include_stop_str_in_output"]) == (3000, True)
    assert "Transcribe the page with its layout." in str(body["messages"])
    assert "vllm_xargs" not in body


async def test_bare_headers_of_its_labels_are_understood(ollama: OllamaDouble, scan: str) -> None:
    """A server may drop its tags."""
    ollama._answer = "headline[[0, 0, 1000, 200]]\nMinutes\n\ntitle of nothing"  # pyright: ignore[reportPrivateUsage]
    page = await read(scan, engine="ollama", ollama_host=ollama.url, model="comet-ocr")
    assert page.blocks[0].label is BlockLabel.TITLE


async def test_a_model_of_another_name_is_of_the_family_that_the_settings_name(ollama: OllamaDouble, scan: str) -> None:
    ollama.model, ollama.shown = "my-scans:latest", {"details": {"family": "llama"}}
    with pytest.raises(EngineRefusedError, match="Known families: deepseek-ocr, comet-ocr"):
        await read(scan, engine="ollama", ollama_host=ollama.url, model="my-scans")
    check(await read(scan, engine="ollama", ollama_host=ollama.url, model="my-scans", profile="comet-ocr"))


async def test_an_ollama_that_is_too_old_for_it_says_what_it_needs(ollama: OllamaDouble, scan: str) -> None:
    ollama.version = "0.30.2"
    with pytest.raises(EngineRefusedError, match=r"is version 0\.30\.2, and Comet-OCR needs 0\.31\.0 or later"):
        await read(scan, engine="ollama", ollama_host=ollama.url, model="comet-ocr")
    assert ollama.generations == []


@pytest.mark.parametrize(
    ("model", "stated", "is_known"),
    [
        ("comet-ocr", None, True),
        ("stars/Comet-OCR-7B:q4", None, True),
        ("my-scans", "comet", True),
        ("comet-ocr-mini", None, False),
        ("comet-ocr-mini:3b", "comet", False),
        ("my-scans", None, False),
    ],
)
def test_models_belong_to_it_by_name_or_by_what_the_server_says(model: str, stated: str | None, is_known: bool) -> None:
    assert (find_family(model, stated=stated) is COMET_OCR) is is_known


def test_the_setting_takes_the_names_of_the_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    assert askable_names() == ["deepseek-ocr", "comet-ocr"]
    monkeypatch.setenv("OCR_MCP_PROFILE", "comet-ocr")
    assert load_settings().profile == "comet-ocr"


@pytest.mark.parametrize("name", ["comet", "rapidocr", ""])
def test_another_name_is_a_usage_error_that_lists_the_families(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("OCR_MCP_PROFILE", name)
    with pytest.raises(UsageError, match=f"There is no model family '{name}'") as caught:
        load_settings()
    assert caught.value.hint == "The families are deepseek-ocr, comet-ocr."
