"""`save_to` writes what `ocr-mcp read` writes, in the format of the suffix, and makes no call late."""

import time
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client

from ocr_mcp.app import Reader
from ocr_mcp.batch import source_writers
from ocr_mcp.batch.batch import read_batch
from ocr_mcp.batch.formats import FORMATS
from ocr_mcp.batch.request import BatchRequest
from ocr_mcp.pipeline import PageResult
from ocr_mcp.settings import Settings
from tests.batch.test_batch import Collected, Recorder
from tests.documents import numbered_answer, scan_number, scanned_pdf, text_pdf
from tests.doubles.ollama_faults import Fault
from tests.doubles.ollama_server import GenerateCall, OllamaDouble
from tests.server.test_tools_in_memory import called, connected, error_text

pytestmark = pytest.mark.anyio
MODE = "auto"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "results").mkdir()
    return tmp_path / "results"


async def saved(client: Client, document: Path, name: str, **arguments: Any) -> dict[str, Any]:
    return await called(client, "ocr_pdf", source=str(document), save_to=name, **arguments)


async def test_every_format_is_what_the_command_line_writes(tmp_path: Path, folder: Path) -> None:
    """One of three pages fails: it is in its place in each format."""
    document = scanned_pdf(tmp_path / "three.pdf", pages=3)

    def fault(call: GenerateCall) -> Fault | None:
        return Fault.PROMPT_TOO_LONG if scan_number(call.image) == 2 else None

    with OllamaDouble(answer=numbered_answer(), fault=fault) as ollama:
        async with connected(ollama, MODE, output_folders=(folder,)) as client:
            results = [await saved(client, document, f"three.{each.suffix}") for each in FORMATS.values()]
        async with Reader(Settings(ollama_host=ollama.url)) as reader:
            for each in FORMATS.values():
                request = BatchRequest((str(document),), each, output=tmp_path / f"as read.{each.suffix}")
                await read_batch(reader, request, observer=Recorder(), stream=Collected())
    suffixes = [each.suffix for each in FORMATS.values()]
    assert [result["saved_to"] for result in results] == [str(folder / f"three.{suffix}") for suffix in suffixes]
    for suffix in suffixes:
        assert (folder / f"three.{suffix}").read_bytes() == (tmp_path / f"as read.{suffix}").read_bytes(), suffix


async def test_a_suffix_that_stands_for_no_format_is_refused_before_anything_is_read(
    tmp_path: Path, folder: Path
) -> None:
    document = scanned_pdf(tmp_path / "one.pdf", pages=1)
    with OllamaDouble() as ollama:
        async with connected(ollama, MODE, output_folders=(folder,)) as client:
            result = await client.call_tool("ocr_pdf", {"source": str(document), "save_to": "one.docx"})
        assert not ollama.generations
    assert result.is_error
    known = ", ".join(f".{each.suffix}" for each in FORMATS.values())
    assert f"BAD_ARGUMENT: '.docx' is no format that can be written. End the name in one of {known}." in error_text(
        result
    )


async def test_a_name_without_a_suffix_is_markdown(tmp_path: Path, folder: Path) -> None:
    document = text_pdf(tmp_path / "born.pdf", pages=1)
    async with connected(None, MODE, engine="ollama", output_folders=(folder,)) as client:
        result = await saved(client, document, "notes")
    assert (folder / "notes").read_text() == result["text"]


async def test_text_formats_grow_and_those_that_need_the_source_come_at_the_end(tmp_path: Path, folder: Path) -> None:
    document = scanned_pdf(tmp_path / "scans.pdf", pages=2)
    numbered = numbered_answer()

    def answer(call: GenerateCall) -> str:
        ollama.latency_seconds = 60
        return numbered(call)

    with OllamaDouble(answer=answer) as ollama:
        async with connected(ollama, MODE, output_folders=(folder,), rotate="0") as client:
            markdown = await saved(client, document, "scans.md", budget_seconds=8)
            html = await saved(client, document, "scans.html", budget_seconds=2)
    assert (markdown["state"], html["state"]) == ("partial", "partial")
    assert (folder / "scans.md").read_text() == markdown["text"] == "<!-- page 1 -->\n\nText of page 1.\n"
    assert (html["saved_to"], markdown["save_note"]) == (None, None)
    assert html["save_note"] == "'scans.html' is written once all pages are ready: go on with next_page."
    assert not (folder / "scans.html").exists()


async def test_a_file_that_takes_longer_than_the_call_is_written_behind_it(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = text_pdf(tmp_path / "born.pdf", pages=2)
    go_on = anyio.Event()

    async def slow_page(self: object, result: PageResult) -> bytes:
        await go_on.wait()
        return f"page {result.number}".encode()

    monkeypatch.setattr(source_writers.HtmlWriter, "page", slow_page)
    async with connected(None, MODE, engine="ollama", output_folders=(folder,)) as client:
        await called(client, "ocr_pdf", source=str(document))
        began = time.monotonic()
        first = await saved(client, document, "born.html", budget_seconds=3)
        assert 1 < time.monotonic() - began < 4
        assert (first["state"], first["saved_to"]) == ("complete", None)
        assert first["save_note"] == (
            "'born.html' is being written. Call again with the same arguments to see when it is there."
        )
        assert not (folder / "born.html").exists()
        go_on.set()
        second = await saved(client, document, "born.html", budget_seconds=3)
        assert (second["saved_to"], second["save_note"]) == (str(folder / "born.html"), None)
        (folder / "born.html").write_text("looked at")
        third = await saved(client, document, "born.html", budget_seconds=3)
    assert third["saved_to"] == str(folder / "born.html")
    assert (folder / "born.html").read_text() == "looked at"  # it is written once
