"""A page on which the model goes round in circles is read again in other ways, and never returned as good."""

import io
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from PIL import Image

from ocr_mcp.app.reader import Reader
from ocr_mcp.emitters.markdown import page_to_markdown
from ocr_mcp.model.documents import IssueCode, Page
from ocr_mcp.model.predictions import StopReason, Task
from ocr_mcp.pipeline import ReadOptions
from ocr_mcp.settings import Settings
from tests.documents import written
from tests.doubles.ollama_faults import Fault
from tests.doubles.ollama_server import GenerateCall, OllamaDouble

pytestmark = pytest.mark.anyio

UNIT = "The total of the invoice was due on receipt. "
GOOD = "Invoice 4711\n\nThe total is 90 euros."
NUMBERED = "".join(f"{number}. See the annex of the report.\n" for number in range(1, 80))
SIZE = (900, 300)


@pytest.fixture
def ollama() -> Generator[OllamaDouble]:
    """Slow enough that a client can leave in the middle of a loop."""
    with OllamaDouble(answer=UNIT, version="0.24.0", piece_seconds=0.0005) as double:
        yield double


@pytest.fixture
def scan(tmp_path: Path) -> str:
    return str(written(tmp_path / "scan.png", "Invoice 4711", size=SIZE))


@asynccontextmanager
async def reader(ollama: OllamaDouble, **settings: object) -> AsyncGenerator[Reader]:
    given = {"engine": "ollama", "loop_fallback": False, **settings}
    async with Reader(Settings.model_validate({"ollama_host": ollama.url, **given})) as opened:
        yield opened


async def read(ollama: OllamaDouble, path: str, *, task: Task = Task.MARKDOWN, **settings: object) -> Page:
    async with reader(ollama, **settings) as opened:
        return (await opened.read_page(path, 1, ReadOptions(task=task))).page


def loops_where(wrong: Callable[[GenerateCall], bool]) -> Callable[[GenerateCall], Fault | None]:
    return lambda call: Fault.LOOP if wrong(call) else None


def steps(page: Page) -> list[str]:
    return [issue.message for issue in page.issues if issue.code is IssueCode.REREAD]


def codes(page: Page) -> set[IssueCode]:
    return {issue.code for issue in page.issues}


def options(ollama: OllamaDouble, request: int) -> dict[str, object]:
    found = ollama.generations[request].body["options"]
    assert isinstance(found, dict)
    return {str(name): value for name, value in found.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  any JSON


def is_full_size(call: GenerateCall) -> bool:
    return call.width == SIZE[0]


async def test_a_good_page_is_read_once_and_says_nothing_of_it(ollama: OllamaDouble, scan: str) -> None:
    page = await read(ollama, scan)
    assert (len(ollama.generations), page.issues) == (1, ())


@pytest.mark.parametrize("task", [Task.MARKDOWN, Task.TEXT])
async def test_a_loop_is_left_early_and_read_again_from_a_smaller_picture(
    ollama: OllamaDouble, scan: str, task: Task
) -> None:
    ollama.fault = loops_where(is_full_size)
    page = await read(ollama, scan, task=task)
    first, second = ollama.generations
    assert await anyio.to_thread.run_sync(first.client_left.wait, 5)
    assert not second.client_left.is_set()
    assert steps(page) == ["The page was read again from a smaller picture, because the answer went round in circles."]
    assert (page_to_markdown(page), page.task) == (UNIT.strip(), task)


@pytest.mark.parametrize(("task", "other"), [(Task.MARKDOWN, "Free OCR."), (Task.TEXT, "<|grounding|>")])
async def test_after_halves_the_other_prompt_is_tried(ollama: OllamaDouble, scan: str, task: Task, other: str) -> None:
    ollama.fault = loops_where(lambda call: other not in call.prompt)
    page = await read(ollama, scan, task=task)
    assert "with another prompt" in steps(page)[-1]
    assert (page.task, len(ollama.generations), page_to_markdown(page)) == (task, 5, UNIT.strip())


async def test_the_last_reading_of_the_model_is_warmer_with_a_seed(ollama: OllamaDouble, scan: str) -> None:
    ollama.fault = loops_where(lambda call: '"temperature": 0.2' not in str(call.body).replace("'", '"'))
    page = await read(ollama, scan)
    assert [options(ollama, request).get("temperature") for request in range(6)] == [0, 0, 0, 0, 0, 0.2]
    assert options(ollama, 5)["seed"] == 1
    assert codes(page) == {IssueCode.REREAD}


async def test_a_page_that_loops_as_a_whole_is_read_in_halves_and_put_together(tmp_path: Path) -> None:
    """Each half answers with boxes of its own; on the page they stand where the halves are."""
    path = str(written(tmp_path / "page.png", "Heading", size=(900, 1300)))

    def half(call: GenerateCall) -> str:
        grey = Image.open(io.BytesIO(call.image)).convert("L")
        said = "The upper half." if min(grey.tobytes()) < 100 else "The lower half."
        return f"<|ref|>text<|/ref|><|det|>[[0, 0, 999, 999]]<|/det|>\n{said}"

    with OllamaDouble(answer=half, version="0.24.0") as ollama:
        ollama.fault = loops_where(lambda call: call.height > call.width)
        pages = [await read(ollama, path), await read(ollama, path)]
    assert steps(pages[0])[-1] == "The page was read again in two halves, because the answer went round in circles."
    assert page_to_markdown(pages[0]) == "The upper half.\n\nThe lower half."
    upper, lower = (block.boxes[0] for block in pages[0].blocks)
    assert (upper.top, lower.bottom, upper.right) == (0, 1300, 900)
    assert upper.bottom == pytest.approx(lower.top, abs=2)
    assert (len(ollama.generations), pages[0]) == (4, pages[1])


async def test_a_page_that_always_loops_is_cut_back_and_marked(ollama: OllamaDouble, scan: str) -> None:
    ollama.fault = Fault.LOOP
    page = await read(ollama, scan)
    assert (len(ollama.generations), len(steps(page))) == (6, 4)
    assert page_to_markdown(page).startswith(f"{UNIT.strip()}\n\n> Page 1 is incomplete: ")
    assert page.reading is not None
    assert page.reading.stop is StopReason.LOOP


async def test_a_page_that_always_loops_is_not_kept(ollama: OllamaDouble, scan: str) -> None:
    ollama.fault = Fault.LOOP
    await read(ollama, scan)
    ollama.fault = None
    page = await read(ollama, scan)
    assert (len(ollama.generations), page.issues) == (7, ())


async def test_a_page_that_was_mended_is_kept_with_its_steps(ollama: OllamaDouble, scan: str) -> None:
    ollama.fault = loops_where(is_full_size)
    pages = [await read(ollama, scan), await read(ollama, scan)]
    assert (len(ollama.generations), len(steps(pages[0]))) == (2, 1)
    assert pages[0] == pages[1]


async def test_the_embedded_engine_reads_what_the_model_cannot_but_only_where_it_may(
    ollama: OllamaDouble, scan: str
) -> None:
    ollama.fault = Fault.LOOP
    page = await read(ollama, scan, loop_fallback=True)
    assert "with the embedded engine" in steps(page)[-1]
    assert (page_to_markdown(page), codes(page)) == ("Invoice 4711", {IssueCode.REREAD})
    assert IssueCode.LOOP in codes(await read(ollama, scan, loop_fallback=False))


@pytest.mark.parametrize("answer", ["", " \n", "..."])
async def test_an_empty_answer_is_asked_for_again(scan: str, answer: str) -> None:
    with OllamaDouble(answer=lambda call: answer if is_full_size(call) else GOOD, version="0.24.0") as ollama:
        page = await read(ollama, scan)
    assert steps(page) == ["The page was read again from a smaller picture, because the answer held no text."]


async def test_a_page_that_is_empty_for_everyone_is_empty_and_kept(tmp_path: Path) -> None:
    blank = str(written(tmp_path / "blank.png", ""))
    with OllamaDouble(answer="", version="0.24.0") as ollama:
        page = await read(ollama, blank, loop_fallback=True)
        await read(ollama, blank, loop_fallback=True)
    assert codes(page) == {IssueCode.EMPTY_ANSWER, IssueCode.REREAD}
    assert len(ollama.generations) == 2


async def test_an_answer_cut_by_the_limit_is_asked_for_again(ollama: OllamaDouble, scan: str) -> None:
    ollama.fault = lambda call: Fault.LENGTH if is_full_size(call) else None
    page = await read(ollama, scan)
    assert steps(page) == [
        "The page was read again from a smaller picture, because the answer reached the limit of tokens."
    ]


async def test_numbers_that_only_the_model_sees_are_marked(scan: str) -> None:
    """A counter that ends by itself could be a list; that the model says it four times proves nothing."""
    with OllamaDouble(answer=NUMBERED, version="0.24.0") as ollama:
        page = await read(ollama, scan)
    text = page_to_markdown(page)
    assert "79. See the annex" in text
    assert "> Page 1 is incomplete: The answer repeats itself with little but numbers changing" in text


async def test_numbers_that_are_not_on_the_page_are_replaced_by_what_is(scan: str) -> None:
    with OllamaDouble(answer=NUMBERED, version="0.24.0") as ollama:
        page = await read(ollama, scan, loop_fallback=True)
    assert (page_to_markdown(page), len(ollama.generations)) == ("Invoice 4711", 2)


async def test_numbers_that_the_embedded_engine_sees_too_are_left_as_they_are(tmp_path: Path) -> None:
    rows = [f"{number}. See the annex of the report." for number in range(1, 45)]
    page_of_rows = str(written(tmp_path / "rows.png", "\n".join(rows), size=(1500, 2700)))
    with OllamaDouble(answer="\n\n".join(rows), version="0.24.0") as ollama:
        page = await read(ollama, page_of_rows, loop_fallback=True)
    assert steps(page)[-1] == "It confirmed the repetitive answer."
    assert codes(page) == {IssueCode.REREAD}
    assert page.reading is not None
    assert page.reading.identity.engine == "ollama"


async def test_an_engine_that_fails_on_the_way_does_not_take_the_page_with_it(ollama: OllamaDouble, scan: str) -> None:
    ollama.fault = lambda call: Fault.LOOP if is_full_size(call) else Fault.NO_VISION
    page = await read(ollama, scan)
    assert any(step.startswith("That failed: ") for step in steps(page))
    assert IssueCode.LOOP in codes(page)


async def test_cancelling_leaves_the_ladder_at_once(ollama: OllamaDouble, scan: str) -> None:
    ollama.fault = lambda call: Fault.LOOP if is_full_size(call) else Fault.STALL_FIRST
    started = time.monotonic()
    async with reader(ollama) as opened:
        with anyio.move_on_after(60):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(opened.read_page, scan, 1, ReadOptions())
                while len(ollama.generations) < 2:  # noqa: ASYNC110  no event comes from the double's thread
                    await anyio.sleep(0.02)
                started = time.monotonic()
                tasks.cancel_scope.cancel()
        assert time.monotonic() - started < 2
    assert len(ollama.generations) == 2


async def test_a_figure_that_loops_is_read_again_too(ollama: OllamaDouble, scan: str) -> None:
    ollama.fault = loops_where(is_full_size)
    async with reader(ollama) as opened:
        figure = await opened.read_figure(scan, 1)
    assert [issue.code for issue in figure.issues] == [IssueCode.REREAD]
