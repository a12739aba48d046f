"""DeepSeek-OCR's modes: which engine has which, and how a request's tokens show which one was used.

The figures of the paper (table 1): 64, 100, 256 and 400 tokens for one view, 256 and 100 a tile for Gundam. In a
prompt each row of a view has a line end, and one token parts the views; generation A, B and C of Ollama are those of
docs/engines.md.
"""

from pathlib import Path

import pytest

from ocr_mcp.evaluation.loading import load_cases
from ocr_mcp.evaluation.mode_report import mode_summaries, mode_tables
from ocr_mcp.evaluation.mode_systems import ModeSystem
from ocr_mcp.evaluation.modes import MODES, ModeName, profile_for, refusal, vision_tokens
from ocr_mcp.evaluation.runs import run_system
from ocr_mcp.evaluation.summaries import Judged, judge
from ocr_mcp.evaluation.word_precision import word_precision
from ocr_mcp.families.base import OllamaGeneration
from ocr_mcp.families.deepseek_ocr import DEEPSEEK_OCR
from ocr_mcp.model.predictions import EngineIdentity, Task, TokenUsage
from ocr_mcp.pipeline import ReadOptions
from ocr_mcp.settings import Settings
from tests.documents import scanned_pdf
from tests.doubles import vision_tokens as other_arithmetic
from tests.doubles.ollama_server import OllamaDouble
from tests.engines.recited_pages import ARTICLE
from tests.evaluation.systems import say_nothing
from tests.tiny_model import page_picture

pytestmark = pytest.mark.anyio

FREE_OCR = DEEPSEEK_OCR.prompts[Task.TEXT].text
TEXT_ONLY = ReadOptions(task=Task.TEXT)
ANSWER = "Seven words stand on every page here."


def used(prompt_tokens: int) -> list[str]:
    """The modes that a request of so many tokens can have been."""
    usage = TokenUsage(prompt=prompt_tokens)
    return [name.value for name, mode in MODES.items() if vision_tokens(mode, usage, FREE_OCR) is not None]


@pytest.mark.parametrize(
    ("mode", "positions", "tokens"),
    [("tiny", 73, 64), ("small", 111, 100), ("base", 273, 256), ("large", 421, 400), ("gundam", 273 + 630, 856)],
)
def test_the_tokens_of_a_request_show_the_mode(mode: str, positions: int, tokens: int) -> None:
    request = TokenUsage(prompt=positions + 5)
    assert used(positions + 5) == [mode]
    assert vision_tokens(MODES[ModeName(mode)], request, FREE_OCR) == tokens


@pytest.mark.parametrize("prompt_tokens", [10, 72, 200, 360, 480, 5000])
def test_tokens_that_no_mode_takes_are_no_mode(prompt_tokens: int) -> None:
    assert used(prompt_tokens) == []


def test_without_a_count_nothing_is_claimed() -> None:
    assert vision_tokens(MODES[ModeName.BASE], None, FREE_OCR) is None
    assert vision_tokens(MODES[ModeName.BASE], TokenUsage(), FREE_OCR) is None


@pytest.mark.parametrize(("generation", "allowed"), [("A", ["gundam"]), ("B", ["base", "large"]), ("C", ["gundam"])])
def test_ollama_has_few_modes_and_says_which(generation: str, allowed: list[str]) -> None:
    identity = EngineIdentity(engine="ollama", model="deepseek-ocr", version="0.31.0", generation=generation)
    refused = {name.value: refusal(mode, identity) for name, mode in MODES.items()}
    assert [name for name, reason in refused.items() if reason is None] == allowed
    assert all(", ".join(allowed) in reason for reason in refused.values() if reason)


def test_the_embedded_engine_has_no_modes_and_other_servers_are_tried() -> None:
    assert refusal(MODES[ModeName.BASE], EngineIdentity(engine="embedded", model="PP-OCR"))
    assert refusal(MODES[ModeName.TINY], EngineIdentity(engine="openai", model="deepseek-ocr")) is None


@pytest.mark.parametrize(("mode", "tokens"), [("base", 273), ("large", 421)])
@pytest.mark.parametrize("shape", [(1.0, 1.414), (1.414, 1.0), (1.0, 1.294)])
def test_generation_b_gets_pictures_that_make_it_take_the_view(
    mode: str, tokens: int, shape: tuple[float, float]
) -> None:
    edge = profile_for(MODES[ModeName(mode)], OllamaGeneration.B).raster.long_edge_px
    assert edge is not None
    width, height = (round(edge * side / max(shape)) for side in shape)
    assert other_arithmetic.tokens("B", width, height) == tokens


async def in_modes(folder: Path, settings: Settings, *modes: ModeName) -> list[Judged]:
    cases = load_cases(folder)
    systems = [ModeSystem(MODES[mode], settings, TEXT_ONLY) for mode in modes]
    return [judge(await run_system(system, cases, say_nothing), cases) for system in systems]


def pages(folder: Path, text: str) -> Path:
    scanned_pdf(folder / "a.pdf", pages=2)
    (folder / "a.md").write_text(f"<!-- page 1 -->\n\n{text}\n\n<!-- page 2 -->\n\n{text}")
    return folder


async def test_modes_are_compared_on_an_ollama_that_has_them(tmp_path: Path) -> None:
    with OllamaDouble(answer=ANSWER, version="0.31.0") as ollama:
        settings = Settings(engine="ollama", ollama_host=ollama.url, cache_mb=0)
        tiny, base, large = await in_modes(
            pages(tmp_path, ANSWER), settings, ModeName.TINY, ModeName.BASE, ModeName.LARGE
        )
    assert tiny.run.problem is not None
    assert "base, large only, not tiny" in tiny.run.problem
    found = mode_summaries([base, large])
    assert [(each.system, each.pages, each.vision_tokens, each.precision) for each in found[:2]] == [
        ("ollama, base", 2, 256, 1.0),
        ("ollama, large", 2, 400, 1.0),
    ]
    words = base.run.outputs[0].text_tokens
    assert words
    assert found[0].compression == pytest.approx(words / 256)
    assert (found[2].first_tokens, found[2].last_tokens) == (0, 99)


async def test_pages_that_were_not_read_in_the_mode_are_no_part_of_its_figures(tmp_path: Path) -> None:
    """An Ollama whose version says nothing, and that makes tiles although Base was asked for."""
    with OllamaDouble(answer=ANSWER, version="0.0.0") as ollama:
        ollama.prompt_tokens = 903 + 5
        settings = Settings(engine="ollama", ollama_host=ollama.url, cache_mb=0)
        (base,) = await in_modes(pages(tmp_path, ANSWER), settings, ModeName.BASE)
    (line,) = mode_summaries([base])
    assert (line.pages, line.vision_tokens, line.precision) == (0, None, None)
    assert "ollama, base: 2 pages were not read in this mode" in mode_tables([base])
    assert "requests of 908 to 908 tokens" in mode_tables([base])


async def test_gundam_is_had_from_a_real_llama_server_and_base_is_not(tmp_path: Path, user_server: str) -> None:
    (tmp_path / "page.png").write_bytes(page_picture(ARTICLE.hue, size=(1280, 1920), encoding="PNG"))
    (tmp_path / "page.txt").write_text(ARTICLE.plain)
    settings = Settings(engine="openai", openai_base_url=user_server, model="deepseek-ocr", cache_mb=0)
    gundam, base = await in_modes(tmp_path, settings, ModeName.GUNDAM, ModeName.BASE)
    assert [(each.system, each.pages, each.vision_tokens) for each in mode_summaries([gundam, base])[:2]] == [
        ("openai, gundam", 1, 256 + 600),
        ("openai, base", 0, None),
    ]


def test_precision_is_the_share_of_read_words_that_are_true() -> None:
    assert word_precision("one two three", "three two one one") == 1.0
    assert word_precision("one two three", "one two four five") == pytest.approx(2 / 4)
    assert word_precision("常熟银行", "常熟很行") == pytest.approx(3 / 4)
    assert word_precision("one", "") == 0.0
    assert word_precision(" ", "one") is None
