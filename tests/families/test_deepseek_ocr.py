"""What Ollama's generations make of a picture for DeepSeek-OCR. The tables are the reference's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_mcp.engines.ollama.names import retagged_name
from ocr_mcp.engines.ollama.vision_tokens import counted_vision_tokens
from ocr_mcp.families.base import OllamaGeneration
from ocr_mcp.families.deepseek_ocr import DEEPSEEK_OCR
from tests.doubles import vision_tokens as second_opinion

A, B, C = OllamaGeneration


def vision_tokens(generation: OllamaGeneration, *, width: int, height: int) -> int:
    count = DEEPSEEK_OCR.on_ollama(generation).vision_tokens
    assert count is not None
    return count(width, height)


def test_ollama_runs_it_since_0_13() -> None:
    assert DEEPSEEK_OCR.ollama.min_version == (0, 13, 0)


def test_its_copy_has_the_name_that_retagging_gives() -> None:
    assert DEEPSEEK_OCR.ollama.retagged_model == retagged_name(DEEPSEEK_OCR.ollama.default_model)


def test_only_generation_a_needs_a_line_end_and_shift() -> None:
    facts = [DEEPSEEK_OCR.on_ollama(each) for each in (A, B, C, None)]
    assert [each.prompt_prefix for each in facts] == ["\n", "", "", ""]
    assert [dict(each.request_fields) for each in facts] == [{"shift": False}, {}, {}, {}]


@pytest.mark.parametrize(
    ("size", "a", "b", "c"),
    [
        ((500, 500), 693, 273, 273),
        ((640, 640), 693, 273, 273),
        ((800, 800), 693, 273, 693),
        ((1000, 1000), 1203, 273, 693),
        ((1400, 1400), 1203, 421, 1203),
        ((595, 842), 903, 273, 903),
        ((1191, 1684), 903, 421, 903),
        ((1200, 800), 893, 273, 893),
        ((1920, 1080), 1093, 421, 1093),
        ((600, 1800), 603, 273, 603),
        ((3000, 300), 1183, 273, 1183),
    ],
)
def test_pictures_take_the_vision_tokens_that_ollama_counts(size: tuple[int, int], a: int, b: int, c: int) -> None:
    width, height = size
    assert [vision_tokens(each, width=width, height=height) for each in (A, B, C)] == [a, b, c]


@given(st.sampled_from(OllamaGeneration), st.integers(1, 5000), st.integers(1, 5000))
def test_two_readings_of_the_source_give_the_same_tokens(generation: OllamaGeneration, width: int, height: int) -> None:
    assert vision_tokens(generation, width=width, height=height) == second_opinion.tokens(generation, width, height)


@pytest.mark.parametrize(("pixels", "tokens"), [(1343488, 273), (1343489, 421)])
def test_one_view_becomes_large_above_the_middle_of_both_areas(pixels: int, tokens: int) -> None:
    assert vision_tokens(B, width=pixels, height=1) == tokens


def count(generation: OllamaGeneration | None, prompt_tokens: int | None) -> int | None:
    """The count for an A4 page at 72 dpi: 903 in A and C, 273 in B."""
    return counted_vision_tokens(
        DEEPSEEK_OCR, generation, width=595, height=842, prompt="Free OCR.", prompt_tokens=prompt_tokens
    )


def test_vision_tokens_are_told_where_the_prompt_count_confirms_them() -> None:
    assert count(C, 903 + 5) == 903
    assert count(B, 273 + 5) == 273


@pytest.mark.parametrize("prompt_tokens", [None, 5, 902, 903 + 100])
def test_vision_tokens_are_unknown_where_the_prompt_count_contradicts_them(prompt_tokens: int | None) -> None:
    assert count(C, prompt_tokens) is None


def test_without_a_version_the_prompt_count_alone_tells_the_vision_tokens() -> None:
    assert count(None, 273 + 5) == 273
    assert count(None, 903 + 5) == 903
