"""`import ocr_mcp` is a library: its names, what importing it costs, and how documents are read with it."""

import ast
import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing
from pathlib import Path

import anyio
import pytest

import ocr_mcp
from ocr_mcp import (
    Document,
    DocumentStatus,
    OcrError,
    Page,
    PageFailure,
    Reader,
    ReadOptions,
    Rotate,
    SourceError,
    TextLayerPolicy,
    UsageError,
    to_json,
    to_markdown,
    to_text,
)
from ocr_mcp.emitters.markdown import MarkdownStream
from ocr_mcp.evaluation.cases import Case
from ocr_mcp.evaluation.markdown_elements import parse_elements
from ocr_mcp.evaluation.own import OwnSystem
from ocr_mcp.jobs.store import open_store
from ocr_mcp.settings import Settings
from tests.cli.running import is_alive, run, wait_until
from tests.documents import numbered_answer, scan_number, scanned_pdf, text_pdf
from tests.doubles.ollama_faults import Fault
from tests.doubles.ollama_server import OllamaDouble

TABLE = "table[[50, 100, 950, 900]]\n<table><tr><td>No.</td><td>Page</td></tr><tr><td>1</td><td>{}</td></tr></table>"
ONE_TABLE = "<!-- page 1 -->\n\n| No. | Page |\n| --- | --- |\n| 1 | 1 |\n| <!-- page 2 --> 1 | 2 |\n"


@pytest.fixture
def ollama() -> Generator[OllamaDouble]:
    with OllamaDouble(answer=numbered_answer()) as double:
        yield double


@pytest.fixture
async def reader(ollama: OllamaDouble) -> AsyncGenerator[Reader]:
    async with Reader.open(settings_for(ollama)) as opened:
        yield opened


def settings_for(ollama: OllamaDouble) -> Settings:
    return Settings(ollama_host=ollama.url, engine="ollama", rotate=Rotate.NONE, render_workers=1)


def python(code: str) -> str:
    """What a new Python prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


# Names


def test_every_public_name_is_there_and_is_the_one_that_type_checkers_see() -> None:
    tree = ast.parse(Path(ocr_mcp.__file__).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    imported = {
        alias.name: node.module for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert sorted(imported) == sorted(ocr_mcp.__all__)
    for name, module in imported.items():
        assert getattr(ocr_mcp, name) is getattr(sys.modules[str(module)], name)
    assert set(ocr_mcp.__all__) <= set(dir(ocr_mcp))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'ocr_mcp' has no attribute 'raed'"):
        _ = ocr_mcp.raed  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]


def test_importing_the_library_loads_nothing_that_reads() -> None:
    """A program pays for it at its start; benchmarks/import_cost.py measures the time."""
    heavy = "mcp pymupdf onnxruntime PIL numpy rapidocr lxml httpx ollama sqlite3 platformdirs pydantic_settings anyio"
    code = f"""
import sys
from ocr_mcp import Block, Document, OcrError, Page, PageFailure, Reader, ReadOptions, Task
print([name for name in {heavy.split()!r} if name in sys.modules])
"""
    assert python(code) == "[]\n"


def test_importing_the_package_alone_loads_nothing_of_it() -> None:
    assert python("import sys, ocr_mcp; print([m for m in sys.modules if m.startswith('ocr_mcp')])") == "['ocr_mcp']\n"


# Documents


@pytest.mark.anyio
async def test_a_document_is_read_as_the_shell_reads_it(reader: Reader, ollama: OllamaDouble, tmp_path: Path) -> None:
    path = scanned_pdf(tmp_path / "scans.pdf", pages=3)
    document = await reader.read(path, pages="1-2")
    shell = await anyio.to_thread.run_sync(
        lambda: [
            run("read", path, "--engine", "ollama", "--pages", "1-2", "--format", each, ollama=ollama)
            for each in ("markdown", "json")
        ]
    )
    assert [shell[0].stdout, json.loads(shell[1].stdout)["pages"]] == [
        to_markdown(document),
        json.loads(to_json(document))["pages"],
    ]
    assert (document.source, document.total_pages, document.status) == ("scans.pdf", 3, DocumentStatus.COMPLETE)
    assert to_text(document) == "Text of page 1.\n\fText of page 2.\n"


@pytest.mark.anyio
async def test_pages_are_named_by_number_and_options_hold_for_all(reader: Reader, tmp_path: Path) -> None:
    path = text_pdf(tmp_path / "text.pdf", pages=3)
    document = await reader.read(str(path), pages=[3, 1], options=ReadOptions(text_layer=TextLayerPolicy.ALWAYS))
    assert [page.number for page in document.pages] == [3, 1]
    assert "Chapter 3" in to_markdown(document.pages[0])


@pytest.mark.anyio
async def test_a_page_that_fails_stands_in_its_place(reader: Reader, ollama: OllamaDouble, tmp_path: Path) -> None:
    ollama.fault = lambda call: Fault.PROMPT_TOO_LONG if scan_number(call.image) == 2 else None
    document = await reader.read(scanned_pdf(tmp_path / "scans.pdf", pages=3))
    one, two, three = document.pages
    assert isinstance(one, Page)
    assert isinstance(two, PageFailure)
    assert isinstance(three, Page)
    assert document.status is DocumentStatus.PARTIAL
    assert to_markdown(two).startswith("> Page 2 could not be read:")
    assert to_text(two).startswith("[Page 2 could not be read:")
    assert json.loads(to_json(two))["kind"] == "failure"


@pytest.mark.anyio
async def test_a_document_that_cannot_be_opened_is_an_error(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        await reader.read(tmp_path / "none.pdf")
    with pytest.raises(SourceError):
        _ = [page async for page in reader.pages(tmp_path / "none.pdf")]


@pytest.mark.anyio
async def test_a_table_over_two_pages_is_one_table_for_everybody(tmp_path: Path) -> None:
    """The shell, the library, its stream, a job behind calls and `ocr-mcp eval` get the same pages."""
    path = scanned_pdf(tmp_path / "scans.pdf", pages=2)
    with OllamaDouble(answer=numbered_answer(TABLE), version="0.24.0") as ollama:
        settings = settings_for(ollama)
        async with Reader(settings) as reader, open_store(reader) as store:
            whole = to_markdown(await reader.read(path))
            stream = MarkdownStream()
            streamed = "".join([stream.page(page) async for page in reader.pages(path)])
            job = await store.job(str(path), "all", ReadOptions(), None)
            await job.slice(
                0, offset=0, max_chars=10_000, deadline=anyio.current_time() + 60, on_change=anyio.lowlevel.checkpoint
            )
            behind_calls = job.text()
        async with OwnSystem("own", settings, ReadOptions()) as own:
            judged = (await own.read(Case(name="scans", source=str(path), numbers=None))).markdown
        command = ("read", path, "--engine", "ollama", "--rotate", "0")
        shell = await anyio.to_thread.run_sync(lambda: run(*command, ollama=ollama))
    assert (shell.returncode, shell.stdout) == (0, ONE_TABLE), shell.stderr
    assert [whole, streamed, behind_calls] == [ONE_TABLE] * 3
    assert judged == "| No. | Page |\n| --- | --- |\n| 1 | 1 |\n| 1 | 2 |"
    assert len(parse_elements(judged)) == 1


# Pages as they come


@pytest.mark.anyio
async def test_leaving_the_loop_stops_the_work_and_the_model(
    reader: Reader, ollama: OllamaDouble, tmp_path: Path
) -> None:
    ollama.latency_seconds = 2.0
    async for page in reader.pages(scanned_pdf(tmp_path / "scans.pdf", pages=60)):
        assert "Text of page 1." in to_markdown(page)
        await anyio.to_thread.run_sync(wait_until, lambda: len(ollama.generations) == 2)
        break
    assert await anyio.to_thread.run_sync(ollama.generations[1].client_left.wait, 1.5)
    await anyio.sleep(1.0)
    assert len(ollama.generations) == 2


@pytest.mark.anyio
async def test_a_loop_that_is_closed_has_stopped_when_that_returns(
    reader: Reader, ollama: OllamaDouble, tmp_path: Path
) -> None:
    ollama.latency_seconds = 0.2
    before = len(asyncio.all_tasks())
    async with aclosing(reader.pages(scanned_pdf(tmp_path / "scans.pdf", pages=60))) as pages:
        async for _ in pages:
            break
    assert len(asyncio.all_tasks()) == before


@pytest.mark.anyio
async def test_a_loop_may_be_left_by_a_time_limit(reader: Reader, ollama: OllamaDouble, tmp_path: Path) -> None:
    """The pages are read by a task of their own: what limits the loop does not reach into it."""
    ollama.latency_seconds = 0.3
    pages = reader.pages(scanned_pdf(tmp_path / "scans.pdf", pages=4))
    with anyio.move_on_after(0.5):
        await anext(pages)
        await anext(pages)
        await anext(pages)
    await pages.aclose()


@pytest.mark.anyio
async def test_leaving_the_reader_ends_a_loop_that_still_runs(ollama: OllamaDouble, tmp_path: Path) -> None:
    """Nobody takes the pages so far for all of them."""
    ollama.latency_seconds = 0.2
    async with Reader(settings_for(ollama)) as reader:
        pages = reader.pages(scanned_pdf(tmp_path / "scans.pdf", pages=60))
        await anext(pages)
    with pytest.raises(UsageError, match="The reader was left"):
        _ = [page async for page in pages]


# Without an event loop


def test_a_script_reads_without_an_event_loop(ollama: OllamaDouble, tmp_path: Path) -> None:
    path = scanned_pdf(tmp_path / "scans.pdf", pages=2)
    document = ocr_mcp.read(path, pages="2", engine="ollama", ollama_host=ollama.url)
    assert isinstance(document, Document)
    assert to_markdown(document) == "<!-- page 2 -->\n\nText of page 2.\n"


@pytest.mark.anyio
async def test_a_notebook_reads_although_an_event_loop_runs(ollama: OllamaDouble, tmp_path: Path) -> None:
    path = scanned_pdf(tmp_path / "scans.pdf", pages=1)
    assert ocr_mcp.read(path, settings=settings_for(ollama)).status is DocumentStatus.COMPLETE


def test_an_error_comes_out_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(OcrError, match=r"none\.pdf"):
        ocr_mcp.read(tmp_path / "none.pdf")


_SCRIPT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
import ocr_mcp
ocr_mcp.read(sys.argv[1], engine="ollama", ollama_host=sys.argv[2])
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")
def test_ctrl_c_stops_the_work_and_the_model_and_leaves_nothing_behind(ollama: OllamaDouble, tmp_path: Path) -> None:
    ollama.latency_seconds = 30
    path = scanned_pdf(tmp_path / "scans.pdf", pages=5)
    command = [sys.executable, "-c", _SCRIPT, str(path), ollama.url]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ) as process:
        try:
            wait_until(lambda: bool(ollama.generations), seconds=60)
            children = [
                int(pid)
                for thread in Path(f"/proc/{process.pid}/task").iterdir()
                for pid in (thread / "children").read_text().split()
            ]
            process.send_signal(signal.SIGINT)
            _, stderr = process.communicate(timeout=20)
        finally:
            process.kill()
    assert stderr.rstrip().endswith("KeyboardInterrupt")
    assert "Error" not in stderr
    assert children
    wait_until(lambda: not any(map(is_alive, children)))
    assert ollama.generations[0].client_left.wait(5)
