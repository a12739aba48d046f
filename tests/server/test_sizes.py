"""An answer stays small enough for a client, however much a document holds; and so does the number of calls."""

from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp.types import CallToolResult

from ocr_mcp.app import FigureReading
from ocr_mcp.jobs.slices import Slice, cut_slice
from ocr_mcp.model.charts import ChartRecord, Figure, FigureKind
from ocr_mcp.model.documents import Reading
from ocr_mcp.model.predictions import EngineIdentity, StopReason, TokenUsage
from ocr_mcp.server.call_limit import MAX_CALLS
from ocr_mcp.server.results import BlockResult, FailedPage, OcrPageResult, OcrPdfResult, PageNote
from ocr_mcp.server.sizes import MAX_ANSWER_BYTES, answer_bytes, fitting_figure, fitting_page, fitting_slice
from tests.documents import scanned_pdf
from tests.doubles.ollama_server import OllamaDouble
from tests.server.test_tools_in_memory import connected, error_text

A_PAGE = "".join(f'Line {number} of 漢字 and "quotes".\n\n' for number in range(40_000))
"""2 MB in UTF-8, and more in JSON."""

PAGE: dict[str, Any] = {
    **{"page": 1, "total_pages": 1, "origin": "ocr", "origin_reason": "a scan", "width": 1, "height": 1, "unit": "pt"},
    **{"blocks": None, "issues": [], "warnings": [], "engine": None},
}
PART: dict[str, Any] = {
    **{"state": "partial", "first_page": 1, "last_page": 1, "total_pages": 1, "pages_ready": 1, "text_layer_pages": 0},
    **{"warnings": [], "result_uri": "ocr://documents/0", "saved_to": None, "engine": None},
}


def assert_fits(result: OcrPageResult | OcrPdfResult) -> None:
    """Within the limit, and not much smaller than it has to be."""
    assert MAX_ANSWER_BYTES / 5 < answer_bytes(result) <= MAX_ANSWER_BYTES


def test_a_page_with_too_much_text_is_cut_and_says_so() -> None:
    cut = fitting_page(OcrPageResult(text=A_PAGE, **PAGE))
    assert_fits(cut)
    assert A_PAGE.startswith(cut.text)
    assert "ocr_pdf gives all of it in parts" in cut.issues[-1]


def test_a_page_that_fits_is_left_alone() -> None:
    read = OcrPageResult(text=A_PAGE[:100_000], **PAGE)
    assert fitting_page(read) is read


def test_a_dense_page_gives_the_blocks_that_fit() -> None:
    blocks = [BlockResult(label="text", text=f"Block {n}.", boxes=[(n, n, n, n)], confidence=None) for n in range(9000)]
    cut = fitting_page(
        OcrPageResult.model_validate({**PAGE, "text": "All of it.", "blocks": [block.model_dump() for block in blocks]})
    )
    assert_fits(cut)
    assert cut.text == "All of it."
    assert cut.blocks is not None
    assert cut.blocks == blocks[: len(cut.blocks)]
    assert "Ask for a region" in cut.issues[-1]


def test_a_page_with_too_many_issues_names_the_first_and_counts_the_others() -> None:
    cut = fitting_page(OcrPageResult.model_validate({**PAGE, "text": "Read.", "issues": ["x" * 1000] * 9000}))
    assert answer_bytes(cut) <= MAX_ANSWER_BYTES
    assert cut.issues[-1] == "There are 8,950 more of these."


def test_the_parts_of_a_large_document_fit_and_are_the_whole() -> None:
    pages, text, at, offset = [A_PAGE, "short", A_PAGE], "", 0, 0
    while at < len(pages):

        def cut(max_chars: int, at: int = at, offset: int = offset) -> Slice:
            return cut_slice(pages.__getitem__, len(pages), index=at, offset=offset, max_chars=max_chars)

        found: list[Slice] = []
        part = fitting_slice(lambda piece, found=found: part_of(piece, found), cut, cut(1_000_000))
        assert answer_bytes(part) <= MAX_ANSWER_BYTES
        text += part.text
        at, offset = found[-1].next_index or len(pages) * (found[-1].next_offset == 0), found[-1].next_offset
    assert text == "".join(pages)


def part_of(piece: Slice, found: list[Slice]) -> OcrPdfResult:
    found.append(piece)
    next_page = None if piece.next_index is None else piece.next_index + 1
    return OcrPdfResult(
        text=piece.text, next_page=next_page, next_offset=piece.next_offset, failed_pages=[], issues=[], **PART
    )


def test_ten_thousand_failed_pages_come_in_parts_that_fit() -> None:
    pages = [f"> Page {number} could not be read.\n" for number in range(10_000)]

    def part_of_failures(piece: Slice) -> OcrPdfResult:
        numbers = range(piece.start, piece.end)
        failed = [FailedPage(page=n + 1, code="CORRUPT", reason="x" * 300, hint="y" * 300) for n in numbers]
        issues = [PageNote(page=n + 1, message="z" * 1000) for n in numbers]
        return OcrPdfResult(text=piece.text, next_page=1, next_offset=0, failed_pages=failed, issues=issues, **PART)

    def cut(max_chars: int) -> Slice:
        return cut_slice(pages.__getitem__, len(pages), index=0, offset=0, max_chars=max_chars)

    part = fitting_slice(part_of_failures, cut, cut(1_000_000))
    assert_fits(part)
    assert len(part.failed_pages) == part.text.count("\n")


def test_a_chart_of_too_many_values_gives_those_that_fit() -> None:
    values = range(9000)
    records = tuple(ChartRecord(series="2025", category=f"C{n}", value=n, unit=None, raw=str(n)) for n in values)
    rows = (("", "2025"), *((f"C{n}", str(n)) for n in values))
    figure = Figure(kind=FigureKind.CHART, records=records, rows=rows, text="")
    reading = Reading(
        identity=EngineIdentity(engine="ollama", model="deepseek-ocr", version=None, device=None),
        usage=TokenUsage(vision=None, text=None),
        compression=None,
        stop=StopReason.STOP,
        seconds=1,
    )
    cut = fitting_figure(FigureReading(figure=figure, issues=(), reading=reading, warnings=()))
    assert MAX_ANSWER_BYTES / 5 < answer_bytes(cut) <= MAX_ANSWER_BYTES
    assert cut.csv.count("\n") == len(cut.records) + 1
    assert f"these are {len(cut.records):,} of 9,000 values" in cut.issues[-1]


@pytest.mark.anyio
async def test_one_call_too_many_is_told_to_wait_and_the_others_are_answered(tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "one.pdf", pages=1)
    answers: list[CallToolResult] = []
    with OllamaDouble(answer="Read.", latency_seconds=4) as ollama:
        async with connected(ollama, "legacy") as client:

            async def call() -> None:
                answers.append(await client.call_tool("ocr_page", {"source": str(document), "task": "text"}))

            async with anyio.create_task_group() as tasks:
                for _ in range(MAX_CALLS):
                    tasks.start_soon(call)
                while not ollama.running:  # noqa: ASYNC110  the double runs in a thread
                    await anyio.sleep(0.02)
                refused = await client.call_tool("ocr_page", {"source": str(document)})
                assert f"BUSY: {MAX_CALLS} calls" in error_text(refused)
                assert "call again in 10 s" in error_text(refused)
            again = await client.call_tool("ocr_page", {"source": str(document), "task": "text"})
    assert len(answers) == MAX_CALLS
    assert not any(each.is_error for each in [*answers, again])
