"""A table whose cell marks Ollama dropped is read again from its place, and marked if that does not help."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ocr_mcp.app.reader import Reader
from ocr_mcp.emitters.markdown import page_to_markdown
from ocr_mcp.engines.ollama import mark_probe
from ocr_mcp.model.documents import IssueCode, Page
from ocr_mcp.model.predictions import Task
from ocr_mcp.pipeline import ReadOptions
from ocr_mcp.settings import Settings
from tests.doubles.ollama_faults import Fault
from tests.doubles.ollama_server import GenerateCall, OllamaDouble

pytestmark = pytest.mark.anyio

PICTURE = Path(mark_probe.__file__).with_name("probe_page.png")
"""A heading, a table of 3 x 3 and a total, 640 px wide and high."""
SIZE = (640, 640)
TABLE = (
    "<table><tr><td>Item</td><td>Qty</td><td>Price</td></tr><tr><td>Widget</td><td>12</td><td>3.50</td></tr>"
    "<tr><td>Gadget</td><td>7</td><td>9.90</td></tr></table>"
)
GROUNDED = (
    "<|ref|>title<|/ref|><|det|>[[90, 75, 460, 150]]<|/det|>\n# INVOICE 42\n\n"
    f"<|ref|>table<|/ref|><|det|>[[94, 328, 906, 610]]<|/det|>\n{TABLE}\n\n"
    "<|ref|>text<|/ref|><|det|>[[94, 660, 400, 730]]<|/det|>\nTotal: 111.30"
)
BARS = "| Item | Qty | Price |\n|---|---|---|\n| Widget | 12 | 3.50 |\n| Gadget | 7 | 9.90 |"
READ = "# INVOICE 42\n\n" + BARS.replace("|---|---|---|", "| --- | --- | --- |") + "\n\nTotal: 111.30"


def answers(free: str) -> Callable[[GenerateCall], str]:
    """The grounded page, and what `Free OCR.` gives."""
    return lambda call: GROUNDED if "<|grounding|>" in call.prompt else free


async def read(ollama: OllamaDouble, *, task: Task = Task.MARKDOWN, **settings: object) -> Page:
    given = {"ollama_host": ollama.url, "engine": "ollama", "loop_fallback": False, **settings}
    async with Reader(Settings.model_validate(given)) as reader:
        return (await reader.read_page(str(PICTURE), 1, ReadOptions(task=task))).page


def steps(page: Page) -> list[str]:
    return [issue.message for issue in page.issues if issue.code is IssueCode.REREAD]


def codes(page: Page) -> set[IssueCode]:
    return {issue.code for issue in page.issues}


async def test_another_prompt_tells_the_cells_of_the_table_apart() -> None:
    with OllamaDouble(answer=answers(BARS)) as ollama:
        page = await read(ollama)
    assert (page_to_markdown(page), codes(page)) == (READ, {IssueCode.REREAD})
    assert steps(page) == [
        "A table without cell marks was read again with another prompt.",
        "That told its cells apart; its words are those of the first reading.",
    ]


async def test_the_model_sees_the_table_alone() -> None:
    sizes: list[tuple[int, int]] = []

    def answer(call: GenerateCall) -> str:
        sizes.append((call.width, call.height))
        return answers(BARS)(call)

    with OllamaDouble(answer=answer, version="0.31.0") as ollama:
        await read(ollama)
    (page_width, page_height), (width, height) = sizes
    assert (page_width, page_height) == SIZE
    assert width == pytest.approx(0.86 * page_width, abs=4)
    assert height == pytest.approx(0.30 * page_height, abs=4)


@pytest.mark.parametrize("free", [TABLE, BARS.replace("Gadget", "Another thing"), "No table at all."])
async def test_the_embedded_engine_tells_them_apart_where_no_prompt_does(free: str) -> None:
    with OllamaDouble(answer=answers(free)) as ollama:
        page = await read(ollama, loop_fallback=True)
    assert (page_to_markdown(page), codes(page)) == (READ, {IssueCode.REREAD})
    assert steps(page)[1:3] == [
        "That gave no table that says the same.",
        "A table without cell marks was read again with the embedded engine.",
    ]
    assert page.reading is not None
    assert page.reading.identity.engine == "ollama"


async def test_a_table_that_nobody_can_tell_apart_is_marked_and_keeps_its_text() -> None:
    with OllamaDouble(answer=answers(TABLE)) as ollama:
        page = await read(ollama)
    assert codes(page) == {IssueCode.FUSED_TABLE, IssueCode.REREAD}
    assert "<table>ItemQtyPriceWidget123.50Gadget79.90</table>" in page_to_markdown(page)


async def test_a_table_without_a_place_is_looked_for_on_the_whole_page() -> None:
    """`Free OCR.` gives no boxes."""
    with OllamaDouble(answer=f"# INVOICE 42\n\n{TABLE}\n\nTotal: 111.30") as ollama:
        page = await read(ollama, task=Task.TEXT, loop_fallback=True)
    assert (page_to_markdown(page), len(ollama.generations)) == (READ, 1)


async def test_an_engine_that_fails_on_the_table_does_not_take_the_page_with_it() -> None:
    with OllamaDouble(answer=answers(BARS)) as ollama:
        ollama.fault = lambda call: None if "<|grounding|>" in call.prompt else Fault.NO_VISION
        page = await read(ollama)
    assert IssueCode.FUSED_TABLE in codes(page)
    assert any(step.startswith("That failed: ") for step in steps(page))


async def test_a_page_that_was_mended_is_kept() -> None:
    with OllamaDouble(answer=answers(BARS)) as ollama:
        pages = [await read(ollama), await read(ollama)]
    assert (len(ollama.generations), pages[0] == pages[1]) == (2, True)


async def test_an_ollama_that_keeps_the_marks_is_asked_once() -> None:
    with OllamaDouble(answer=answers(BARS), version="0.24.0") as ollama:
        page = await read(ollama)
    assert (page_to_markdown(page), page.issues, len(ollama.generations)) == (READ, (), 1)
