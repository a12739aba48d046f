"""What the engine does with a real llama-server, and a real llama-server with what it is sent.

The model is `tests.tiny_model`: which text it recites depends on the picture and on the prompt, as the server hands
them on. Numbers of tokens and reasons for refusals are llama-server's own.
"""

import hashlib
import re
import time

import anyio
import httpx
import pytest

from ocr_mcp.engines.base import PredictionRequest, Watcher
from ocr_mcp.engines.openai.engine import OpenAICompatibleEngine
from ocr_mcp.errors import EngineRefusedError
from ocr_mcp.families.deepseek_ocr import DEEPSEEK_OCR
from ocr_mcp.model.blocks import Block
from ocr_mcp.model.documents import IssueCode
from ocr_mcp.model.geometry import BoundingBox, PageUnit, Size, whole_page
from ocr_mcp.model.images import PageImage
from ocr_mcp.model.predictions import Prediction, StopReason, Task
from ocr_mcp.parsing.answers import ParsedAnswer, parse_prediction
from tests.engines.recited_pages import ARTICLE, BYTES, INVOICE, LOOP
from tests.tiny_model import MARKUP, ScriptedPage, page_picture

pytestmark = pytest.mark.anyio

PROMPT_TOKENS = 1 + len("Free OCR.")
"""The begin token and, in the tiny model's vocabulary, one for each letter of the prompt of `Task.TEXT`."""
ONE_VIEW, TILES = (640, 640), (1191, 1684)

on_both_servers = pytest.mark.parametrize("server", ["user_server", "control_server"], indirect=True)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> str:
    """The URL of one of the servers."""
    return request.getfixturevalue(request.param)


def picture(page: ScriptedPage, size: tuple[int, int] = ONE_VIEW, encoding: str = "JPEG") -> PageImage:
    """The picture that makes the model recite `page`, as a page of its own."""
    data = page_picture(page.hue, size=size, encoding=encoding)
    page_size = Size(width=size[0], height=size[1])
    return PageImage(
        number=1,
        page_size=page_size,
        unit=PageUnit.PIXEL,
        region=whole_page(page_size),
        width_px=size[0],
        height_px=size[1],
        media_type=f"image/{encoding.lower()}",
        data=data,
        digest=hashlib.sha256(data).hexdigest(),
    )


async def predict(
    url: str,
    image: PageImage,
    task: Task = Task.TEXT,
    *,
    watch: Watcher | None = None,
    max_output_tokens: int = DEEPSEEK_OCR.max_output_tokens,
) -> Prediction:
    """What our engine brings back from that server."""
    profile = DEEPSEEK_OCR.model_copy(update={"max_output_tokens": max_output_tokens})
    engine = OpenAICompatibleEngine(base_url=url, model="deepseek-ocr", profile=profile)
    try:
        return await engine.predict(PredictionRequest(image=image, task=task), watch=watch)
    finally:
        await engine.aclose()


async def read(url: str, page: ScriptedPage) -> ParsedAnswer:
    """The blocks of a page."""
    image = picture(page)
    return parse_prediction(await predict(url, image, Task.MARKDOWN), image)


# ---------------------------------------------------------------- the picture and the prompt arrive


@pytest.mark.parametrize("page", [INVOICE, ARTICLE, BYTES], ids=["invoice", "article", "bytes"])
@pytest.mark.parametrize("size", [ONE_VIEW, TILES], ids=["one view", "tiles"])
async def test_the_answer_is_the_one_to_the_picture(
    user_server: str, page: ScriptedPage, size: tuple[int, int]
) -> None:
    prediction = await predict(user_server, picture(page, size))
    assert (prediction.text, prediction.stop) == (page.plain, StopReason.STOP)


async def test_a_png_is_read_like_a_jpeg(user_server: str) -> None:
    prediction = await predict(user_server, picture(ARTICLE, encoding="PNG"))
    assert prediction.text == ARTICLE.plain


async def test_the_prompt_for_markdown_asks_for_grounding(user_server: str) -> None:
    prediction = await predict(user_server, picture(INVOICE), Task.MARKDOWN)
    assert prediction.text == INVOICE.grounded


@pytest.mark.parametrize(
    ("size", "vision_tokens"), [((500, 500), 274), (ONE_VIEW, 274), ((1280, 1280), 694), (TILES, 904)]
)
async def test_pictures_take_as_many_tokens_as_their_tiles(
    user_server: str, size: tuple[int, int], vision_tokens: int
) -> None:
    """273 for the global view, 100 and a line end for each row of tiles, and one more in this llama-server."""
    prediction = await predict(user_server, picture(ARTICLE, size))
    assert prediction.usage.prompt == vision_tokens + PROMPT_TOKENS


# ---------------------------------------------------------------- grounded answers, tagged and bare


async def test_markup_of_control_type_is_missing_from_answers(control_server: str) -> None:
    """As with the published model on Ollama 0.30 and later."""
    prediction = await predict(control_server, picture(INVOICE), Task.MARKDOWN)
    assert prediction.text == re.sub("|".join(map(re.escape, MARKUP)), "", INVOICE.grounded)
    assert prediction.text.startswith("title[[80, 42, 520, 88]]\n# INVOICE")


def outline(blocks: tuple[Block, ...]) -> list[tuple[str, str, list[tuple[int, ...]]]]:
    """Label, text and boxes of each block, the boxes in the model's thousandths of the page."""
    return [(block.label.value, block.text, [in_thousandths(box) for box in block.boxes]) for block in blocks]


def in_thousandths(box: BoundingBox) -> tuple[int, ...]:
    """A box on the 640 x 640 picture as the model writes it, 0 to 999."""
    return tuple(round(edge / 640 * 999) for edge in (box.left, box.top, box.right, box.bottom))


@on_both_servers
async def test_tagged_and_bare_answers_become_the_same_blocks(server: str) -> None:
    parsed = await read(server, ARTICLE)
    assert outline(parsed.blocks) == [
        ("section_header", "1 Introduction", [(90, 60, 480, 95)]),
        ("text", "Two columns, 日本語テキスト and an emoji 🙂.", [(90, 110, 480, 420), (510, 60, 900, 300)]),
        ("formula", "E = mc^2", [(200, 450, 380, 500)]),
    ]
    assert parsed.issues == ()


@on_both_servers
async def test_a_region_without_text_keeps_its_place_between_the_others(server: str) -> None:
    parsed = await read(server, INVOICE)
    assert [(label, boxes) for label, _, boxes in outline(parsed.blocks)] == [
        ("title", [(80, 42, 520, 88)]),
        ("text", [(80, 120, 610, 180)]),
        ("table", [(80, 220, 930, 480)]),
        ("picture", [(600, 520, 930, 760)]),
        ("text", [(80, 800, 400, 840)]),
    ]


async def test_a_tagged_table_has_its_cells(user_server: str) -> None:
    parsed = await read(user_server, INVOICE)
    table = parsed.blocks[2].table
    assert table is not None
    assert [cell.text for cell in table.cells] == ["Item", "Price", "Widget", "42,00 €", "Gadget", "120,00 €"]


async def test_a_table_whose_cell_marks_were_dropped_is_reported(control_server: str) -> None:
    parsed = await read(control_server, INVOICE)
    assert parsed.blocks[2].table is None
    assert [issue.code for issue in parsed.issues] == [IssueCode.FUSED_TABLE]


# ---------------------------------------------------------------- streams


async def test_the_answer_arrives_in_pieces(user_server: str) -> None:
    """As many tokens at a time as have come: how many that are is the network's and the machine's business."""
    pieces: list[str] = []
    prediction = await predict(user_server, picture(ARTICLE), watch=pieces.append)
    assert "".join(pieces) == prediction.text == ARTICLE.plain
    assert len(pieces) > 1


async def is_busy(url: str) -> bool:
    """Whether the server's only slot is at work."""
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(f"{url}/slots")).json()[0]["is_processing"]


async def free_within(url: str, seconds: float) -> bool:
    """Whether the slot becomes free in that time."""
    deadline = time.monotonic() + seconds
    while await is_busy(url):
        if time.monotonic() > deadline:
            return False
        await anyio.sleep(0.01)
    return True


async def test_cancelling_frees_the_server_within_a_second(user_server: str) -> None:
    started = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(lambda: predict(user_server, picture(LOOP), watch=lambda _: started.set()))
        await started.wait()
        assert await is_busy(user_server)
        group.cancel_scope.cancel()
    assert await free_within(user_server, seconds=1)


async def test_after_a_cancellation_the_next_page_is_served_at_once(user_server: str) -> None:
    with anyio.CancelScope() as scope:
        await predict(user_server, picture(LOOP), watch=lambda _: scope.cancel())
    assert scope.cancelled_caught
    start = time.monotonic()
    prediction = await predict(user_server, picture(ARTICLE))
    assert prediction.text == ARTICLE.plain
    assert time.monotonic() - start < 5


async def test_a_loop_ends_where_the_watcher_says(user_server: str) -> None:
    pieces: list[str] = []

    def repeats(piece: str) -> StopReason | None:
        pieces.append(piece)
        return StopReason.LOOP if "".join(pieces).count("Row A") == 4 else None

    prediction = await predict(user_server, picture(LOOP), watch=repeats)
    assert prediction.stop is StopReason.LOOP
    assert prediction.text.startswith("Row A\nRow B\nRow C\nRow A\n")
    assert prediction.text.count("Row A") == 4
    assert await free_within(user_server, seconds=1)


# ---------------------------------------------------------------- limits and refusals


async def test_an_answer_of_as_many_tokens_as_allowed_is_marked_as_cut(user_server: str) -> None:
    prediction = await predict(user_server, picture(LOOP), max_output_tokens=25)
    assert (prediction.stop, prediction.usage.text) == (StopReason.LENGTH, 25)
    assert prediction.text.startswith("Row A\nRow B\n")


async def test_an_answer_that_fills_the_context_is_marked_as_cut(narrow_server: str) -> None:
    prediction = await predict(narrow_server, picture(LOOP))
    assert prediction.stop is StopReason.LENGTH
    assert prediction.usage.prompt is not None
    assert prediction.usage.text is not None
    assert prediction.usage.prompt + prediction.usage.text == 512


@pytest.mark.parametrize("limit", range(2, 12))
async def test_an_answer_cut_inside_a_character_ends_before_it(user_server: str, limit: int) -> None:
    """Tokens of two bytes cut most characters of this page."""
    prediction = await predict(user_server, picture(BYTES), max_output_tokens=limit)
    assert prediction.stop is StopReason.LENGTH
    assert BYTES.plain.startswith(prediction.text)


async def test_a_picture_of_more_tokens_than_the_context_is_refused(narrow_server: str) -> None:
    with pytest.raises(EngineRefusedError, match="exceeds the available context size") as caught:
        await predict(narrow_server, picture(ARTICLE, TILES))
    assert caught.value.hint == "The picture takes too many tokens: read a smaller region."


async def test_a_picture_format_that_the_server_does_not_read_is_refused(user_server: str) -> None:
    with pytest.raises(EngineRefusedError, match="Failed to load image") as caught:
        await predict(user_server, picture(ARTICLE, encoding="WEBP"))
    assert caught.value.hint
