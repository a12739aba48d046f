"""A text with its numbers taken out: whatever the pieces, each number is one mask and each place is found again."""

import random
import re

from hypothesis import given
from hypothesis import strategies as st

from ocr_mcp.parsing.loops.counters import is_counting
from ocr_mcp.parsing.loops.masked_text import MASK, MaskedText

WRITTEN = st.lists(st.sampled_from(["7", "42", "<td>", "</td>", "a", " total ", "<", "\n", MASK, "<i>"])).map("".join)


def masked(pieces: list[str], size: int = 10_000) -> MaskedText:
    text = MaskedText(size)
    for piece in pieces:
        text.add(piece)
    text.add("~")  # so that nothing is held back
    return text


@given(WRITTEN, st.lists(st.integers(1, 9), min_size=1))
def test_the_pieces_in_which_a_text_comes_do_not_matter(text: str, sizes: list[int]) -> None:
    pieces: list[str] = []
    while len("".join(pieces)) < len(text):
        at = len("".join(pieces))
        pieces.append(text[at : at + sizes[len(pieces) % len(sizes)]])
    one, other = masked([text]), masked(pieces)
    assert (one.text, one.numbers(0), one.raw_length) == (other.text, other.numbers(0), other.raw_length)


@given(WRITTEN)
def test_there_is_a_number_for_every_mask(text: str) -> None:
    assert masked([text]).text.count(MASK) == len(masked([text]).numbers(0))


def test_a_place_is_found_again_in_the_raw_text_after_much_was_forgotten() -> None:
    rng = random.Random(1)
    raw = "".join(f"<tr><td>{rng.randrange(10**6)}</td><td>row {number};</td></tr>" for number in range(900))
    text = masked([raw[at : at + 240] for at in range(0, len(raw), 240)], size=500)
    assert text.begin > 0
    for match in re.finditer(";", text.text):
        assert raw[text.raw_index(text.begin + match.start())] == ";"


def test_counting_is_one_step_between_most_neighbours_in_every_column() -> None:
    assert is_counting(["1", "50", "2", "50", "3", "50", "4", "50"], columns=2)
    assert not is_counting(["1", "50", "2", "47", "3", "81", "4", "12"], columns=2)
    assert not is_counting(["5", "5", "5", "5"], columns=1)
    assert not is_counting(["1"], columns=1)
    assert is_counting([str(at * 40 % 960) for at in range(60)], columns=1)
