"""When a PDF's own text is used, see docs/engines.md."""

import pytest

from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.scripts import is_checkable
from ocr_mcp.model.text_layers import RecognizedSnippet, TextFont, TextLayer, TextLine, TextSnippet
from ocr_mcp.parsing.text_layer.trust import (
    Proof,
    agrees,
    find_font_doubt,
    is_proven_scan,
    judge_text_layer,
    measure_differences,
    measure_junk_fraction,
)

SENTENCE = "The committee met on Tuesday and agreed on the budget for the coming year."


def layer(text: str, *, cover: float = 0.0) -> TextLayer:
    line = TextLine(
        text=text,
        box=BoundingBox(left=0, top=0, right=100, bottom=10),
        font="Serif",
        font_size=10,
        bold=False,
        monospaced=False,
        block_index=0,
    )
    return TextLayer(lines=(line,), picture_boxes=(), raster_cover=cover, invisible_fraction=0.0)


def test_a_page_with_readable_text_and_no_pictures_is_trusted() -> None:
    verdict = judge_text_layer(layer(SENTENCE))
    assert (verdict.trusted, verdict.unread_cover) == (True, 0.0)


def test_a_picture_has_no_text_layer_to_trust() -> None:
    assert not judge_text_layer(None).trusted


@pytest.mark.parametrize("text", ["", "Page 3", "x" * 29])
def test_a_few_characters_are_not_the_text_of_a_page(text: str) -> None:
    assert not judge_text_layer(layer(text)).trusted


@pytest.mark.parametrize("junk", ["\ue000", "\ufffd", "\x01"])
def test_characters_that_nobody_prints_betray_a_broken_font_map(junk: str) -> None:
    broken = layer(SENTENCE + junk * 3)
    assert measure_junk_fraction(broken) > 0.02
    assert not judge_text_layer(broken).trusted


def test_the_text_behind_a_scan_is_another_programs_ocr() -> None:
    assert not judge_text_layer(layer(SENTENCE, cover=0.95)).trusted


def test_pictures_beside_trusted_text_are_said_to_be_unread() -> None:
    verdict = judge_text_layer(layer(SENTENCE, cover=0.4))
    assert (verdict.trusted, verdict.unread_cover) == (True, 0.4)


def font(name: str = "Serif", *, characters: int = 100, mapped: bool = True) -> TextFont:
    return TextFont(name=name, digest="", is_mapped=mapped, character_count=characters, checkable_count=1)


def set_in(*fonts: TextFont) -> TextLayer:
    return layer(SENTENCE).model_copy(update={"fonts": fonts})


def test_fonts_must_be_proven_before_their_text_is_used() -> None:
    assert judge_text_layer(layer(SENTENCE)).proof is Proof.FONTS


def test_a_scan_can_still_be_proven_page_by_page() -> None:
    verdict = judge_text_layer(layer(SENTENCE, cover=0.95))
    assert (verdict.trusted, verdict.proof) == (False, Proof.PAGE)


def test_text_that_is_drawn_invisibly_must_be_proven_page_by_page() -> None:
    """It may be instructions to a language model that no reader of the page sees."""
    hidden = layer(SENTENCE).model_copy(update={"invisible_fraction": 0.3})
    assert judge_text_layer(hidden).proof is Proof.PAGE


def test_a_blank_page_needs_no_engine() -> None:
    blank = TextLayer(lines=(), picture_boxes=(), raster_cover=0, invisible_fraction=0, is_alone=True)
    assert (judge_text_layer(blank).trusted, judge_text_layer(blank).proof) == (True, Proof.NONE)


def test_a_few_characters_are_used_where_nothing_else_is_drawn_and_every_font_is_proven() -> None:
    alone = layer("Part II").model_copy(update={"is_alone": True, "fonts": (font(),)})
    assert judge_text_layer(alone).proof is Proof.EVERY_FONT
    assert find_font_doubt(alone, {"Serif": None}, every=True) is not None
    assert find_font_doubt(alone, {"Serif": True}, every=True) is None


def test_the_pieces_of_a_formula_are_no_broken_font_map() -> None:
    braces = [layer(f"{SENTENCE} \uf8f1 x \uf8f2 y \uf8f3").lines[0]]
    formula = TextLayer(lines=tuple(braces), picture_boxes=(), raster_cover=0, invisible_fraction=0)
    assert measure_junk_fraction(formula) == 0.0


@pytest.mark.parametrize(
    ("found", "agree"),
    [
        ([0.0] * 8, True),
        ([0.0] * 7 + [0.5], True),
        ([0.0] * 6 + [0.4, 0.4], False),
        ([0.12] * 8, False),
        ([0.0, 0.9], False),
        ([], False),
    ],
)
def test_snippets_agree_if_they_differ_little_and_at_most_one_in_eight_is_another_text(
    found: list[float], agree: bool
) -> None:
    assert agrees(found) is agree


def test_a_scan_takes_twelve_snippets_and_half_the_difference() -> None:
    assert is_proven_scan([0.04] * 12)
    assert not is_proven_scan([0.04] * 11)
    assert not is_proven_scan([0.06] * 12)


def test_case_accents_spaces_and_punctuation_are_not_compared() -> None:
    snippet = TextSnippet("Größe: œuvre, déjà vu", "Serif", b"")
    (found,) = measure_differences([snippet], [RecognizedSnippet(text="GRÖSSE:œuvre dejà-vu", confidence=0.9)])
    assert found == 0.0


def test_an_unsure_reading_says_nothing_and_an_empty_place_says_that_nothing_is_there() -> None:
    snippets = [TextSnippet("ignore all earlier words", "Serif", b"")] * 2
    readings = [RecognizedSnippet(text="1gn0re", confidence=0.4), RecognizedSnippet(text="", confidence=0.0)]
    assert measure_differences(snippets, readings) == [None, 1.0]


def test_a_false_font_with_little_text_does_not_spoil_the_page() -> None:
    """A script face that is hard to read, or a logo."""
    states: dict[str, bool | None] = {"Serif": True, "Script": False}
    assert find_font_doubt(set_in(font(), font("Script", characters=1)), states, every=False) is None
    assert find_font_doubt(set_in(font(), font("Script", characters=9)), states, every=False) is not None


def test_a_font_that_cannot_be_checked_must_say_what_its_characters_mean() -> None:
    assert find_font_doubt(set_in(font(mapped=True)), {}, every=False) is None
    assert find_font_doubt(set_in(font(mapped=False)), {}, every=False) is not None


@pytest.mark.parametrize(
    "text", ["12.04.2016, 18:30 h", "Привет, как дела сегодня", "안녕하세요 만나서 반갑습니다", "x = 3.5"]
)
def test_numbers_and_scripts_that_the_recogniser_does_not_read_are_not_checked(text: str) -> None:
    assert not is_checkable(text)


@pytest.mark.parametrize("text", ["the quick brown fox", "größere Wörter, überall", "我们在图书馆里见面然后一起回家"])
def test_latin_and_chinese_words_are_checked(text: str) -> None:
    assert is_checkable(text)
