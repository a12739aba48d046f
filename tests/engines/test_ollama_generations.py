"""The engine knows which Ollama it talks to and what that makes of a picture. The tables are the reference's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_mcp.engines.ollama.generations import (
    Generation,
    counted_vision_tokens,
    generation_of,
    is_too_old,
    prompt_prefix,
    request_fields,
    vision_tokens,
)
from tests.doubles import vision_tokens as second_opinion

A, B, C = Generation


@pytest.mark.parametrize(
    ("version", "generation"),
    [
        ("0.13.0", A),
        ("0.24.3", A),
        ("0.30.0", B),
        ("0.30.0-rc1", B),
        ("0.32.1", B),
        ("0.32.2", C),
        ("0.33.0-rc2", C),
        ("1.0.0", C),
        ("0.12.11", None),
        ("0.0.0", None),
        ("nightly", None),
    ],
)
def test_the_version_tells_the_generation(version: str, generation: Generation | None) -> None:
    assert generation_of(version) is generation


@pytest.mark.parametrize(("version", "too_old"), [("0.12.11", True), ("0.13.0", False), ("0.0.0", False), ("x", False)])
def test_an_ollama_before_0_13_is_too_old_and_a_build_from_source_is_not_known(version: str, too_old: bool) -> None:
    assert is_too_old(version) is too_old


def test_only_generation_a_needs_a_line_end_and_shift() -> None:
    assert [prompt_prefix(each) for each in (A, B, C, None)] == ["\n", "", "", ""]
    assert [request_fields(each) for each in (A, B, C, None)] == [{"shift": False}, {}, {}, {}]


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


@given(st.sampled_from(Generation), st.integers(1, 5000), st.integers(1, 5000))
def test_two_readings_of_the_source_give_the_same_tokens(generation: Generation, width: int, height: int) -> None:
    assert vision_tokens(generation, width=width, height=height) == second_opinion.tokens(generation, width, height)


@pytest.mark.parametrize(("pixels", "tokens"), [(1343488, 273), (1343489, 421)])
def test_one_view_becomes_large_above_the_middle_of_both_areas(pixels: int, tokens: int) -> None:
    assert vision_tokens(B, width=pixels, height=1) == tokens


def count(generation: Generation | None, prompt_tokens: int | None) -> int | None:
    """The count for an A4 page at 72 dpi: 903 in A and C, 273 in B."""
    return counted_vision_tokens(generation, width=595, height=842, prompt="Free OCR.", prompt_tokens=prompt_tokens)


def test_vision_tokens_are_told_where_the_prompt_count_confirms_them() -> None:
    assert count(C, 903 + 5) == 903
    assert count(B, 273 + 5) == 273


@pytest.mark.parametrize("prompt_tokens", [None, 5, 902, 903 + 100])
def test_vision_tokens_are_unknown_where_the_prompt_count_contradicts_them(prompt_tokens: int | None) -> None:
    assert count(C, prompt_tokens) is None


def test_without_a_version_the_prompt_count_alone_tells_the_vision_tokens() -> None:
    assert count(None, 273 + 5) == 273
    assert count(None, 903 + 5) == 903
