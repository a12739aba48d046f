"""Pages on their side or their head are turned upright before they are read, and their boxes are put back."""

from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import anyio
import pytest

from ocr_mcp.app.reader import Reader
from ocr_mcp.emitters.markdown import page_to_markdown
from ocr_mcp.errors import EngineUnavailableError
from ocr_mcp.model.documents import IssueCode, Page
from ocr_mcp.model.geometry import BoundingBox, PageUnit, Size, whole_page
from ocr_mcp.model.images import PageImage
from ocr_mcp.model.orientation import Orientation, PageLook
from ocr_mcp.model.turning import Turn, turned_box
from ocr_mcp.pipeline import ReadOptions, Rotate
from ocr_mcp.pipeline.orientation import FIRST_PAGES, Orientations
from ocr_mcp.settings import Settings
from tests.doubles.ollama_faults import Fault
from tests.doubles.ollama_server import GenerateCall, OllamaDouble
from tests.known_words import LINES
from tests.pipeline.turned_pages import picture_to_turn, scans_to_turn, vertical_japanese

pytestmark = pytest.mark.anyio

TURNS = (Turn.RIGHT, Turn.HALF, Turn.LEFT)
UPSIDE_DOWN = PageLook(level=5, sideways=0, upside_down=0.9, readings=((0.5, 0.98),))
TITLE = "<|ref|>title<|/ref|><|det|>[[100, 50, 900, 100]]<|/det|>\n# Opening hours"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for the module, so that its tests share the workers."""
    return "asyncio"


@pytest.fixture(scope="module")
async def reader() -> AsyncGenerator[Reader]:
    async with Reader(Settings(engine="embedded", embedded_workers=1, render_workers=1, cache_mb=0)) as reader:
        yield reader


async def read(reader: Reader, path: Path, rotate: Rotate | None = None, number: int = 1) -> Page:
    return (await reader.read_page(str(path), number, ReadOptions(rotate=rotate))).page


def boxes(page: Page) -> list[BoundingBox]:
    return [line.box for block in page.blocks for line in block.lines]


def turned(page: Page) -> list[str]:
    return [issue.message for issue in page.issues if issue.code is IssueCode.TURNED]


@pytest.mark.parametrize("turn", TURNS)
async def test_a_turned_page_reads_as_the_upright_one(reader: Reader, tmp_path: Path, turn: Turn) -> None:
    upright = await read(reader, picture_to_turn(tmp_path / "upright.png", Turn.NONE))
    page = await read(reader, picture_to_turn(tmp_path / "turned.png", turn))
    assert (upright.turn, turned(upright)) == (Turn.NONE, [])
    assert page_to_markdown(page) == page_to_markdown(upright)
    assert page.turn is turn
    assert f"turned by {int(turn)} degrees clockwise" in turned(page)[0]
    for found, expected in zip(boxes(page), boxes(upright), strict=True):
        there = turned_box(expected, upright.size, turn.back)
        assert (found.left, found.top, found.right, found.bottom) == pytest.approx(
            (there.left, there.top, there.right, there.bottom), abs=3
        )


async def test_pages_of_a_document_are_turned_each_in_its_own_way(reader: Reader, tmp_path: Path) -> None:
    path = scans_to_turn(tmp_path / "mixed.pdf", (Turn.NONE, Turn.LEFT))
    pages = [await read(reader, path, number=number) for number in (1, 2)]
    assert [page.turn for page in pages] == [Turn.NONE, Turn.LEFT]
    assert [(page.size.width, page.size.height) for page in pages] == [(595, 842), (842, 595)]
    assert all(LINES[0][0] in page_to_markdown(page) for page in pages)


async def test_vertical_script_is_not_turned(reader: Reader, tmp_path: Path) -> None:
    assert (await read(reader, vertical_japanese(tmp_path / "tategaki.png"))).turn is Turn.NONE


async def test_the_user_can_say_how_to_turn_or_that_nothing_is_turned(reader: Reader, tmp_path: Path) -> None:
    path = picture_to_turn(tmp_path / "turned.png", Turn.HALF)
    left, asked = await read(reader, path, Rotate.NONE), await read(reader, path, Rotate.HALF)
    assert (left.turn, turned(left), LINES[0][0] in page_to_markdown(left)) == (Turn.NONE, [], False)
    assert (asked.turn, turned(asked)) == (Turn.HALF, ["The page was turned by 180 degrees clockwise, as asked."])
    assert LINES[0][0] in page_to_markdown(asked)


async def test_a_model_is_sent_the_upright_page_and_its_boxes_lie_on_the_page_as_displayed(tmp_path: Path) -> None:
    path = picture_to_turn(tmp_path / "turned.png", Turn.RIGHT)
    calls: list[GenerateCall] = []
    with OllamaDouble(answer=lambda call: calls.append(call) or TITLE, version="0.24.0") as ollama:
        pages = [await read_with(ollama, path), await read_with(ollama, path)]
    [call] = calls
    assert (call.width < call.height, pages[0].turn) == (True, Turn.RIGHT)
    assert pages[0] == pages[1]
    assert (pages[0].size.width, pages[0].size.height) == (1684, 1190)
    [box] = pages[0].blocks[0].boxes
    expected = (1684 * 50 / 999, 1190 * 99 / 999, 1684 * 100 / 999, 1190 * 899 / 999)
    assert (box.left, box.top, box.right, box.bottom) == pytest.approx(expected)


async def read_with(ollama: OllamaDouble, path: Path, number: int = 1, *, prepared: bool = True) -> Page:
    settings = Settings.model_validate({"ollama_host": ollama.url, "engine": "ollama", "loop_fallback": False})
    async with Reader(settings) as opened:
        if prepared:
            await opened.prepare_looks()
        async with opened.reading(str(path), ReadOptions(), pages=f"1-{number}") as reading:
            pages = [page async for page in reading.results]
    assert isinstance(pages[-1], Page)
    return pages[-1]


async def test_a_page_that_was_not_looked_at_is_turned_when_its_answer_loops(tmp_path: Path) -> None:
    """The first pages of the document are upright, so that a later one is judged by its lines alone."""
    upright, last = FIRST_PAGES + 1, FIRST_PAGES + 2
    path = scans_to_turn(tmp_path / "scans.pdf", (Turn.NONE,) * upright + (Turn.HALF,))

    def fault(call: GenerateCall) -> Fault | None:
        return Fault.LOOP if len(ollama.generations) == last else None

    with OllamaDouble(answer=TITLE, version="0.24.0", fault=fault) as ollama:
        page = await read_with(ollama, path, last)
    assert (page.turn, len(ollama.generations)) == (Turn.HALF, last + 1)
    steps = [issue.message for issue in page.issues if issue.code is IssueCode.REREAD]
    assert steps == ["The page was read again turned by 180 degrees, because the answer went round in circles."]


async def test_a_page_that_is_read_before_anybody_could_look_is_looked_at_afterwards(tmp_path: Path) -> None:
    """What looks takes a second to start, for which the model does not wait. The next read knows."""
    path = picture_to_turn(tmp_path / "turned.png", Turn.RIGHT)
    calls: list[GenerateCall] = []
    with OllamaDouble(answer=lambda call: calls.append(call) or TITLE, version="0.24.0") as ollama:
        first, second = [await read_with(ollama, path, prepared=prepared) for prepared in (False, True)]
    assert [call.width < call.height for call in calls] == [False, True]
    assert (first.turn, second.turn, first.blocks) == (Turn.RIGHT, Turn.RIGHT, second.blocks)
    steps = [issue.message for issue in first.issues if issue.code is IssueCode.REREAD]
    assert steps == ["The page was read again turned by 90 degrees, because it was not upright."]


async def test_an_upright_page_that_was_looked_at_afterwards_is_read_once(tmp_path: Path) -> None:
    path = picture_to_turn(tmp_path / "upright.png", Turn.NONE)
    with OllamaDouble(answer=TITLE, version="0.24.0") as ollama:
        pages = [await read_with(ollama, path, prepared=prepared) for prepared in (False, True)]
        assert len(ollama.generations) == 1
    assert pages[0] == pages[1]


UPRIGHT = PageLook(level=5, sideways=0, upside_down=0.0)


class Looks:
    """Sees what it is told to see on each page, and notes at which ones it looked. Each look waits for `gate`."""

    def __init__(self, seen: dict[int, PageLook] | None = None, error: EngineUnavailableError | None = None) -> None:
        self.numbers: list[int] = []
        self.glances: list[int] = []
        self.gate: anyio.Event | None = None
        self._seen = seen or {}
        self._error = error

    async def __call__(self, image: PageImage, is_level: bool) -> PageLook:
        if self._error is not None:
            raise self._error
        if self.gate is not None:
            await self.gate.wait()
        self.numbers.append(image.number)
        self.glances += [image.number] if is_level else []
        return self._seen.get(image.number, UPRIGHT)


class Picture:
    """Of a page with so level lines."""

    def __init__(self, number: int, levelness: float | None = 3.0) -> None:
        self.number = number
        self.levelness = levelness

    async def image(self) -> PageImage:
        size = Size(width=600, height=800)
        page = {"number": self.number, "page_size": size, "region": whole_page(size), "unit": PageUnit.POINT}
        return PageImage.model_validate(
            page | {"width_px": 1, "height_px": 1, "digest": "", "media_type": "image/jpeg", "data": b""}
        )


async def found(looks: Looks, pictures: Sequence[Picture], *, every: int = 17) -> dict[int, Turn]:
    orientations = Orientations(looks)
    turns: dict[int, Turn] = {}

    async def find(picture: Picture) -> None:
        turns[picture.number] = (await orientations.find_now("document", picture, every=every)).turn

    async with anyio.create_task_group() as tasks:
        for picture in pictures:
            tasks.start_soon(find, picture)
    return turns


def pages(first: int, last: int) -> list[Picture]:
    return [Picture(number) for number in range(first, last + 1)]


async def test_of_a_long_upright_document_few_pages_are_looked_at_on_both_sides_of_sheets() -> None:
    looks = Looks()
    await found(looks, pages(1, 60))
    assert looks.numbers == [1, 2, 3, 4, 18, 35, 52]
    assert looks.glances == looks.numbers


async def test_pages_without_plainly_level_lines_are_looked_at() -> None:
    looks = Looks()
    await found(looks, [*pages(1, 4), Picture(5, 0.5), Picture(6, None), Picture(7, 1.5), Picture(8, 1.6)])
    assert (looks.numbers, looks.glances) == ([1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4])


async def test_once_a_page_was_turned_every_page_is_looked_at() -> None:
    looks = Looks({2: UPSIDE_DOWN})
    assert await found(looks, pages(1, 11)) == {n: Turn.HALF if n == 2 else Turn.NONE for n in range(1, 12)}
    assert (looks.numbers, looks.glances) == (list(range(1, 12)), [1, 2])


async def test_where_reading_takes_seconds_every_page_is_looked_at() -> None:
    looks = Looks({9: UPSIDE_DOWN})
    assert (await found(looks, pages(1, 9), every=1))[9] is Turn.HALF


async def test_an_engine_is_not_kept_waiting_by_looks_that_are_behind() -> None:
    looks = Looks({3: UPSIDE_DOWN})
    looks.gate = anyio.Event()
    orientations = Orientations(looks)
    turns: dict[int, Turn | None] = {}

    async def find(picture: Picture) -> None:
        orientation = await orientations.find("document", picture, every=17)
        turns[picture.number] = orientation and orientation.turn

    async with anyio.create_task_group() as tasks:
        for picture in pages(1, 4):
            tasks.start_soon(find, picture)
        await anyio.wait_all_tasks_blocked()
        await find(Picture(5))  # nothing is known of the document yet, and four looks are waited for
        looks.gate.set()
    assert turns == {1: Turn.NONE, 2: Turn.NONE, 3: Turn.HALF, 4: Turn.NONE, 5: None}
    await find(Picture(6))
    assert (looks.numbers[-1], turns[6]) == (6, Turn.NONE)


async def test_a_plainly_level_page_of_an_upright_document_waits_for_no_look() -> None:
    looks = Looks()
    orientations = Orientations(looks)
    for picture in pages(1, 4):
        await orientations.find_now("document", picture, every=17)
    assert await orientations.find("document", Picture(5), every=17) == Orientation()
    assert looks.numbers == [1, 2, 3, 4]


async def test_a_page_that_cannot_be_looked_at_is_read_as_it_is_and_says_so() -> None:
    looks = Looks(error=EngineUnavailableError("No rapidocr here.", hint="Install it."))
    orientation = await Orientations(looks).find("document", Picture(1), every=1)
    assert orientation is not None
    assert orientation.turn is Turn.NONE
    assert orientation.reason == "Whether the page is upright could not be checked: No rapidocr here."
