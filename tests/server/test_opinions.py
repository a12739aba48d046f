"""What agents are told of a second reading: bounded, numbers first, page by page."""

from pathlib import Path

import pytest

from ocr_mcp.jobs.ready_pages import ReadyPage
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.second_opinions import Difference, DifferenceKind, SecondOpinion
from ocr_mcp.server.opinions import MAX_DIFFERENCES, MAX_OF_DOCUMENT, SecondOpinionResult, opinions_of
from ocr_mcp.server.results import OcrPageResult
from ocr_mcp.server.sizes import fits, fitting_page
from tests.documents import written
from tests.doubles.ollama_server import OllamaDouble
from tests.server.test_sizes import PAGE
from tests.server.test_tools_in_memory import called, connected

BOX = BoundingBox(left=1, top=2, right=3.14159, bottom=4)


def opinion(count: int, length: int = 10) -> SecondOpinion:
    """That many differences, numbers before the others, each reading so long."""
    each = Difference(kind=DifferenceKind.NUMBER, read="1" * length, seen="2" * length, block=0, boxes=(BOX,) * 9)
    return SecondOpinion(agreement=0.87654, differences=(each,) * count, unlisted=5)


def ready(number: int, second_opinion: SecondOpinion | None) -> ReadyPage:
    return ReadyPage(
        number=number,
        text="",
        origin=None,
        issues=(),
        reading=None,
        second_opinion=second_opinion,
        failure=None,
        packed=b"",
    )


def test_an_opinion_lists_no_more_than_a_client_takes_and_counts_the_rest() -> None:
    result = SecondOpinionResult.of(opinion(150, length=100_000))
    assert (len(result.differences), result.unlisted, result.agreement) == (MAX_DIFFERENCES, 150 - 20 + 5, 0.877)
    assert max(len(each.read) + len(each.seen) for each in result.differences) < 500
    assert result.differences[0].boxes == [(1.0, 2.0, 3.1, 4.0)] * 4
    assert fits(fitting_page(OcrPageResult(text="漢" * 900_000, second_opinion=result, **PAGE)))


def test_a_document_has_the_opinions_of_its_pages_within_one_limit() -> None:
    pages = [ready(number, opinion(30)) for number in range(1, 9)]
    found = opinions_of([*pages, ready(9, None)])
    assert [each.page for each in found] == list(range(1, 9))
    assert sum(len(each.differences) for each in found) == MAX_OF_DOCUMENT
    assert all(len(each.differences) + each.unlisted == 35 for each in found)


@pytest.mark.anyio
@pytest.mark.parametrize("tool", ["ocr_page", "ocr_pdf"])
async def test_a_tool_compares_where_it_is_asked_to(tool: str, tmp_path: Path) -> None:
    scan = str(written(tmp_path / "scan.png", "Invoice 4711", size=(900, 300)))
    with OllamaDouble(answer="Invoice 4717", version="0.24.0") as ollama:
        async with connected(ollama, "auto", embedded_workers=1) as client:
            plain = await called(client, tool, source=scan)
            result = await called(client, tool, source=scan, verify=True)
    assert plain.get("second_opinion", []) in (None, [])
    assert plain.get("second_opinions", []) == []
    found = result["second_opinion"] if tool == "ocr_page" else result["second_opinions"][0]
    (difference,) = found["differences"]
    assert (difference["kind"], difference["read"], difference["seen"]) == ("number", "4717", "4711")
    assert 0.8 < found["agreement"] < 1
    assert "1 number differs" in result["text"]
