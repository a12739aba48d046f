"""The loop guard: what is a loop, and what real pages repeat. docs/loops.md has the whole measurement."""

import random
import time
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_mcp.families.deepseek_ocr import DEEPSEEK_OCR
from ocr_mcp.model.predictions import StopReason
from ocr_mcp.parsing.loops.guard import Loop, LoopGuard
from tests.parsing.simulated_loops import chunks, good_page, simulated_loops, unit_of

LIMITS = DEEPSEEK_OCR.loop


def watch(pieces: Iterable[str]) -> tuple[Loop | None, int]:
    """Return the loop found in an answer, and the number of characters written until then or in all."""
    guard, written = LoopGuard(LIMITS), 0
    for piece in pieces:
        written += len(piece)
        if guard(piece) is StopReason.LOOP:
            break
    return guard.loop, written


def test_none_of_many_simulated_loops_is_missed() -> None:
    """`benchmarks/loops.py` runs 1,000; these are other ones."""
    rng = random.Random(1)
    missed = [loop for loop in simulated_loops(140, seed=2) if watch(chunks(loop.text, rng))[0] is None]
    assert missed == []


@given(st.integers(1, LIMITS.max_unit), st.integers(0, 3000), st.integers(0, 2**32))
def test_a_repeated_unit_is_proof_wherever_it_begins(length: int, before: int, seed: int) -> None:
    rng = random.Random(seed)
    page = good_page(rng, before)
    unit = unit_of(rng, length)
    loop, written = watch(chunks(page + unit * (3000 // length + 5), rng))
    assert loop is not None
    assert loop.is_proven
    assert written - len(page) < LIMITS.empty_cell_characters + LIMITS.max_unit


@given(st.text(), st.lists(st.integers(1, 40), min_size=1))
def test_what_is_found_does_not_depend_on_the_pieces(text: str, sizes: list[int]) -> None:
    text *= 50
    pieces: list[str] = []
    at = 0
    while at < len(text):
        pieces.append(text[at : at + sizes[len(pieces) % len(sizes)]])
        at += len(pieces[-1])
    assert watch(pieces)[0] == watch([text])[0]


def test_an_answer_is_cut_back_to_the_first_time_that_it_says_something() -> None:
    page, unit = (
        good_page(random.Random(3), 2500),
        "The total of the invoice was due on receipt; 12 % are to be added. ",
    )
    loop, _ = watch([page + unit * 20])
    assert loop is not None
    assert page + unit == (page + unit * 20)[: loop.clean_length]


@pytest.mark.parametrize(
    ("said", "shortest"),
    [
        ("Total of the invoice. ", LIMITS.min_characters),
        (". ", LIMITS.filler_characters),
        ("<td>none</td>", LIMITS.cell_characters),
        ("<td></td>", LIMITS.empty_cell_characters),
        ("| 0.00 ", LIMITS.empty_cell_characters),
    ],
)
def test_how_much_repetition_is_proof_depends_on_what_is_repeated(said: str, shortest: int) -> None:
    enough = shortest + len(said) + 16
    assert watch([(said * shortest)[: shortest - 1]])[0] is None
    proof, _ = watch([(said * shortest)[:enough]])
    assert proof is not None
    assert proof.is_proven


def test_a_counter_is_suspected_first_and_stopped_where_a_page_would_end() -> None:
    rows = [f"{number}. See the annex of the report.\n" for number in range(1, 400)]
    short, _ = watch([*rows[:60]])
    long, written = watch(rows)
    assert short is not None
    assert not short.is_proven
    assert long is not None
    assert (long.is_proven, long.clean_length < 100, written < 6000) == (True, True, True)


def test_boxes_that_march_down_the_page_again_and_again_are_stopped() -> None:
    loop, written = watch([f"image[[50, {top % 940}, 950, {top % 940 + 38}]]\n" for top in range(0, 40_000, 41)])
    assert loop is not None
    assert (loop.is_proven, written < 12_000) == (True, True)


def test_the_same_words_with_any_numbers_are_suspected_and_never_stopped() -> None:
    """A list of equal things has other numbers in each line too, but does not fill the page with words."""
    rng = random.Random(8)
    lines = [f"The payment was due in section {rng.randrange(1000)}\n" for _ in range(300)]
    assert watch(lines[:10])[0] is None
    loop, written = watch(lines)
    assert loop is not None
    assert (loop.is_proven, written) == (False, len("".join(lines)))


def test_what_counts_in_words_is_suspected_when_it_is_longer_than_a_page() -> None:
    """No number changes, and no unit comes back."""
    tens, ones = (
        ("twenty", "thirty", "forty", "fifty", "sixty"),
        ("one", "two", "three", "four", "five", "six", "seven"),
    )
    lines = [f"Table {ten}-{one} shows the results of the groups.\n" for _ in range(8) for ten in tens for one in ones]
    assert watch(lines[:60])[0] is None
    assert watch(lines)[0] is not None


@pytest.mark.parametrize("markup", [("<tr>", "<td>{}</td>", "</tr>"), ("|", " {} |", "\n"), ("", "{} ", "\n")])
@settings(max_examples=5)
@given(st.integers(0, 2**32))
def test_a_long_table_of_measured_numbers_is_no_loop(markup: tuple[str, str, str], seed: int) -> None:
    """Its rows differ in nothing else, but its numbers do not count, and outnumber the words."""
    rng, (begin, cell, end) = random.Random(seed), markup
    rows = [[f"{day} August", *(f"{rng.uniform(-99, 400):.2f}" for _ in range(7))] for day in range(1, 32)]
    assert watch([begin + "".join(map(cell.format, row)) + end for row in rows])[0] is None


def test_values_that_grow_by_turns_are_no_loop() -> None:
    """A list of colour values: in each row another number grows, now by this step, now by that."""
    steps = [0, 1, 5, *range(10, 85, 5), 90, 100]
    colours = [[value / 100 if place == at else 0 for place in range(3)] for at in range(3) for value in steps]
    assert watch(["A, B, C = {:.2f}, {:.2f}, {:.2f}\n".format(*colour) for colour in colours])[0] is None


def test_dummy_text_that_fills_a_page_is_no_loop() -> None:
    paragraph = good_page(random.Random(9), 600)
    assert watch([paragraph * 6])[0] is None


def test_a_suspected_loop_that_goes_on_is_cut_where_it_begins() -> None:
    page = good_page(random.Random(4), 3000)
    loop, _ = watch([page + "".join(f"text[[50, {top}, 950, {top + 20}]]\nSee the annex.\n\n" for top in range(400))])
    assert loop is not None
    assert len(page) - 50 <= loop.clean_length <= len(page) + 150


def test_a_suspected_loop_that_ends_is_not_cut() -> None:
    text = "".join(f"Row {number} of 90: none\n" for number in range(90)) + good_page(random.Random(5), 3000)
    loop, _ = watch([text])
    assert loop == Loop(is_proven=False, clean_length=len(text))


LEGITIMATE = {
    "a table whose rows are all zero": "<tr><td>0.00</td><td>0.00</td><td>0.00</td></tr>" * 40,
    "a table with many empty cells": "<tr><td></td><td></td><td></td><td></td><td></td></tr>" * 30,
    "an empty pipe table": "| Name | Date | Sum |\n|---|---|---|\n" + "| | | |\n" * 60,
    "a form with underscores": "Name " + "_" * 120 + "\nAddress " + "_" * 240 + "\nDate " + "_" * 40,
    "a line of dashes": "Chapter\n" + "-" * 400 + "\nText",
    "dot leaders": "".join(f"{title} {'. ' * 40}{page}\n" for page, title in enumerate(["Ab", "Bravo", "Cé", "Delta"])),
    "an answer form": "\n".join(f"{number}. Yes ☐ No ☐ Unsure ☐" for number in range(1, 21)),
    "lyrics": ("Row, row, row your boat\nGently down the stream\n" + "Merrily, merrily, merrily, merrily\n" * 4) * 3,
    "chess": "1. e4 e5 2. Nf3 Nc6 3. Bb5 a6 4. Ba4 Nf6 5. O-O Be7 6. Re1 b5 7. Bb3 d6 8. c3 O-O 9. h3 Nb8 10. d4 Nbd7 ",
    "a form of numbered lines": "".join(
        f"<tr><td>{number}</td><td></td><td></td><td></td><td></td></tr>" for number in range(1, 41)
    ),
    "code": "    x = 0\n    y = 0\n    z = 0\n" + "    else:\n        return None\n" * 3 + "}\n" * 20,
    "column rules": "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    "a row of a wide table": "<tr><td>Sum</td>" + "<td>no</td>" * 30 + "</tr>",
}


@pytest.mark.parametrize("text", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_what_real_pages_repeat_is_no_loop(text: str) -> None:
    page = good_page(random.Random(6), 800)
    assert watch([page + text + "\n\n" + page])[0] is None


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.sampled_from(["ACGT", "0123456789abcdef"]))
def test_dna_and_hex_dumps_are_no_loops(seed: int, letters: str) -> None:
    rng = random.Random(seed)
    lines = ["".join(rng.choice(letters) for _ in range(60)) for _ in range(60)]
    assert watch(["\n".join(lines)])[0] is None


@settings(max_examples=20)
@given(st.integers(0, 2**32))
def test_pages_of_sentences_are_no_loops(seed: int) -> None:
    assert watch([good_page(random.Random(seed), 6000)])[0] is None


def test_a_watched_character_costs_microseconds() -> None:
    """0.7 µs on a free core; a model writes a character in some 1,000 µs."""
    text = good_page(random.Random(7), 60_000)
    started = time.process_time()
    watch([text])
    assert (time.process_time() - started) / len(text) < 20e-6
