"""List items that the model ran together (DeepSeek-OCR #200)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_mcp.model.blocks import BlockLabel
from ocr_mcp.parsing.vlm.glued_items import split_items
from ocr_mcp.parsing.vlm.light_markdown import parse_light_markdown


@pytest.mark.parametrize(
    ("written", "items"),
    [
        ("- one offer- Shortly after- The user", ["- one offer", "- Shortly after", "- The user"]),
        ("- from us.- Ünder 3", ["- from us.", "- Ünder 3"]),
        ("* one* Two", ["* one", "* Two"]),
        ("• one • two• three", ["• one", "• two", "• three"]),
        ("1. Open it2. Wait3. Close", ["1. Open it", "2. Wait", "3. Close"]),
        ("9) Open it10) Wait", ["9) Open it", "10) Wait"]),
    ],
)
def test_items_are_parted_at_markers_that_can_be_nothing_else(written: str, items: list[str]) -> None:
    assert list(split_items(written)) == items
    assert [(block.label, block.text) for block in parse_light_markdown(written).blocks] == [
        (BlockLabel.LIST_ITEM, item) for item in items
    ]


@pytest.mark.parametrize(
    "item",
    [
        "- Vor- und Nachteile",
        "- A well-known - and liked - thing",
        "- pages 3- 5",
        "- one* Two",
        "* one - Two",
        "1. see 2. Two",
        "1. see section3. Three",
        "1. version 1.2. It",
        "a) one- Two",
        "– one- Two",
    ],
)
def test_anything_that_may_belong_to_the_item_stays_in_it(item: str) -> None:
    assert list(split_items(item)) == [item]


@given(st.text("-*•123.) abcABC\n", min_size=1, max_size=40).map(str.strip).filter(bool))
def test_nothing_but_white_space_is_lost(item: str) -> None:
    assert "".join("".join(split_items(item)).split()) == "".join(item.split())
