"""Documents seen from the process that never parses them."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import anyio
import pytest
from PIL import Image

from ocr_mcp.errors import (
    AccessDeniedError,
    NotRegularFileError,
    PageRangeError,
    RenderTimeoutError,
    SourceNotFoundError,
    UnsupportedFormatError,
    UsageError,
)
from ocr_mcp.files import access
from ocr_mcp.files.access import AccessPolicy
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.images import PageImage, Raster
from ocr_mcp.sources.documents import OpenSource, SourceReader
from ocr_mcp.sources.render_limits import RenderLimits
from ocr_mcp.sources.render_worker.worker import MAX_HELD_DOCUMENTS
from ocr_mcp.workers.handover import SealedBytes
from tests.sources import hostile_pdfs
from tests.sources.drawn import pdf

pytestmark = pytest.mark.anyio

SMALL = Raster(dpi=72)
EVERYTHING = AccessPolicy(allowed_folders=None, allow_urls=False)


@pytest.fixture
async def two_workers() -> AsyncGenerator[SourceReader, None]:
    reader = SourceReader(policy=EVERYTHING, render_workers=2, limits=RenderLimits(render_seconds=1))
    yield reader
    await reader.aclose()


def children() -> list[int]:
    """Processes that this one started and that still run."""
    pids = [int(pid) for tasks in Path("/proc/self/task").iterdir() for pid in (tasks / "children").read_text().split()]
    return [pid for pid in pids if b"ocr_mcp.sources.render_worker.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]


async def test_a_document_says_what_it_is(reader: SourceReader, tmp_path: Path) -> None:
    path = pdf(tmp_path / "three.pdf", pages=3)
    async with reader.open(path) as source:
        assert (source.name, source.media_type, source.page_count) == ("three.pdf", "application/pdf", 3)
        assert source.digest == hashlib.sha256(Path(path).read_bytes()).hexdigest()  # noqa: ASYNC240
        picture = await source.render(2, SMALL)
    assert (picture.number, picture.media_type) == (2, "image/jpeg")
    assert picture.digest == hashlib.sha256(picture.data).hexdigest()


@pytest.mark.parametrize("number", [99, 0, -1])
async def test_a_page_that_is_not_there_is_named_with_what_is(
    number: int, reader: SourceReader, tmp_path: Path
) -> None:
    async with reader.open(pdf(tmp_path / "three.pdf", pages=3)) as source:
        with pytest.raises(PageRangeError) as caught:
            await source.render(number, SMALL)
        with pytest.raises(PageRangeError):
            await source.text_layer(number)
    assert str(caught.value) == f"The document has 3 pages; there is no page {number}. Ask for a page from 1 to 3."


async def test_a_region_beside_the_page_is_a_mistake_of_the_caller(reader: SourceReader, tmp_path: Path) -> None:
    async with reader.open(pdf(tmp_path / "a.pdf")) as source:
        with pytest.raises(UsageError, match="400 wide and 200 high"):
            await source.render(1, SMALL, region=BoundingBox(left=500, top=0, right=600, bottom=50))


async def test_a_page_that_hangs_is_given_up_and_loses_no_other_page(two_workers: SourceReader, tmp_path: Path) -> None:
    (tmp_path / "three.pdf").write_bytes(hostile_pdfs.three_pages_the_second_hangs())
    results: dict[int, PageImage | RenderTimeoutError] = {}

    async def render(source: OpenSource, number: int) -> None:
        try:
            results[number] = await source.render(number, SMALL)
        except RenderTimeoutError as error:
            results[number] = error

    began = time.monotonic()
    async with two_workers.open(str(tmp_path / "three.pdf")) as source, anyio.create_task_group() as tasks:
        for number in (1, 2, 3):
            tasks.start_soon(render, source, number)
    assert time.monotonic() - began < 8  # two workers start, one of them twice
    assert isinstance(results[1], PageImage)
    assert isinstance(results[3], PageImage)
    assert str(results[2]).startswith("Page 2 could not be drawn within 1 s.")


async def test_the_event_loop_is_free_while_a_page_hangs(two_workers: SourceReader, tmp_path: Path) -> None:
    (tmp_path / "hang.pdf").write_bytes(hostile_pdfs.tiling_step())
    longest = 0.0
    async with two_workers.open(str(tmp_path / "hang.pdf")) as source, anyio.create_task_group() as tasks:

        async def tick() -> None:
            nonlocal longest
            while True:
                began = time.monotonic()
                await anyio.sleep(0.01)
                longest = max(longest, time.monotonic() - began)

        tasks.start_soon(tick)
        with pytest.raises(RenderTimeoutError):
            await source.render(1, SMALL)
        tasks.cancel_scope.cancel()
    assert longest < 0.3


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
async def test_a_worker_that_was_killed_gets_the_document_again(reader: SourceReader, tmp_path: Path) -> None:
    async with reader.open(pdf(tmp_path / "a.pdf")) as source:
        before = await source.render(1, SMALL)
        for pid in children():
            os.kill(pid, signal.SIGKILL)
        await anyio.sleep(0.2)
        assert await source.render(1, SMALL) == before


async def test_more_documents_than_a_worker_holds_can_be_open_at_once(reader: SourceReader, tmp_path: Path) -> None:
    paths = [pdf(tmp_path / f"{number}.pdf", pages=number) for number in range(1, MAX_HELD_DOCUMENTS + 3)]
    async with reader.open(paths[0]) as first:
        for number, path in enumerate(paths, 1):
            async with reader.open(path) as source:
                assert source.page_count == number
        assert (await first.render(1, SMALL)).number == 1


async def test_a_cancelled_render_leaves_a_reader_that_works(two_workers: SourceReader, tmp_path: Path) -> None:
    (tmp_path / "hang.pdf").write_bytes(hostile_pdfs.tiling_step())
    async with two_workers.open(str(tmp_path / "hang.pdf")) as source:
        with anyio.move_on_after(0.2) as scope:
            await source.render(1, SMALL)
        assert scope.cancelled_caught
    async with two_workers.open(pdf(tmp_path / "a.pdf")) as source:
        await source.render(1, SMALL)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
async def test_closing_a_reader_leaves_no_process(tmp_path: Path) -> None:
    before = set(children())
    reader = SourceReader(policy=EVERYTHING)
    async with reader.open(pdf(tmp_path / "a.pdf")):
        assert set(children()) - before
    await reader.aclose()
    assert not set(children()) - before


async def test_a_missing_file_a_folder_and_a_forbidden_file_are_told_apart(
    reader: SourceReader, tmp_path: Path
) -> None:
    with pytest.raises(SourceNotFoundError):
        async with reader.open(str(tmp_path / "none.pdf")):
            pass
    with pytest.raises(NotRegularFileError):
        async with reader.open(str(tmp_path)):
            pass
    restricted = SourceReader(policy=AccessPolicy(allowed_folders=(tmp_path / "sub",), allow_urls=False))
    with pytest.raises(AccessDeniedError):
        async with restricted.open(pdf(tmp_path / "a.pdf")):
            pass


async def test_addresses_are_off_unless_they_are_allowed(reader: SourceReader) -> None:
    with pytest.raises(AccessDeniedError, match="switched off"):
        async with reader.open("https://example.org/a.pdf"):
            pass
    open_reader = SourceReader(policy=AccessPolicy(allowed_folders=(), allow_urls=True))
    with pytest.raises(AccessDeniedError, match="never read"):
        async with open_reader.open("http://127.0.0.1:1/a.pdf"):
            pass


async def test_a_name_that_is_not_utf_8_can_be_opened_and_shown(reader: SourceReader, tmp_path: Path) -> None:
    path = pdf(tmp_path / "plain.pdf")
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.pdf")
    os.link(path, odd)
    async with reader.open(odd) as source:
        assert source.name == "caf\ufffd.pdf"


async def test_a_reader_says_what_confines_its_workers(reader: SourceReader, tmp_path: Path) -> None:
    async with reader.open(pdf(tmp_path / "a.pdf")):
        assert "rlimits" in reader.sandbox


def test_the_parent_imports_neither_mupdf_nor_pillow() -> None:
    program = (
        "import sys, ocr_mcp.sources.documents, ocr_mcp.files.remote\n"
        "print([name for name in ('pymupdf', 'PIL', 'httpx', 'numpy') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.skipif(sys.platform != "linux", reason="memory is handed over on Linux only")
async def test_large_documents_are_handed_over_and_forgotten_again(
    two_workers: SourceReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "MIN_HANDOVER_BYTES", 500)
    for number in range(MAX_HELD_DOCUMENTS + 3):
        path = pdf(tmp_path / f"{number}.pdf", pages=1 + number)
        async with two_workers.open(path) as source:
            assert isinstance(source.content, SealedBytes)
            assert source.digest == hashlib.sha256(Path(path).read_bytes()).hexdigest()  # noqa: ASYNC240
            assert source.page_count == 1 + number
            assert (await source.render(1, SMALL)).data
    mapped = [Path(f"/proc/{pid}/maps").read_text("ascii").count("memfd:ocr-mcp") for pid in children()]  # noqa: ASYNC240
    assert 1 <= max(mapped) <= MAX_HELD_DOCUMENTS + 1
    ours = Path("/proc/self/maps").read_text("ascii")  # noqa: ASYNC240
    assert ours.count("memfd:ocr-mcp") <= 1


@pytest.mark.skipif(sys.platform != "linux", reason="memory is handed over on Linux only")
async def test_a_large_picture_is_handed_over_too_and_rubbish_is_named(
    two_workers: SourceReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "MIN_HANDOVER_BYTES", 500)
    Image.effect_noise((200, 100), 60).save(tmp_path / "noise.png")
    async with two_workers.open(str(tmp_path / "noise.png")) as source:
        assert isinstance(source.content, SealedBytes)
        assert (await source.page_info(1)).size.width == 200
    for name, content, says in (
        ("a.docx", b"PK\x03\x04" + bytes(900) + b"[Content_Types].xml", "Office"),
        ("b.html", b" \n<!DOCTYPE html>" + bytes(900), "web page"),
        ("c.txt", b"plain words\n" * 90, "plain text"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UnsupportedFormatError, match=says):
            async with two_workers.open(str(tmp_path / name)):
                pass
