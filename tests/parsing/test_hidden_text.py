"""What a reader does not see is said: see docs/security.md."""

import pytest

from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.parsing.hidden_text import hidden_text_issues


def said(text: str) -> list[str]:
    return [issue.message for issue in hidden_text_issues([Block(label=BlockLabel.TEXT, text=text)])]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Pay \u202e0001\u202c now", "2 bidirectional controls"),
        ("pass\u200bword", "1 zero-width characters"),
        ("in\u200dvoice", "1 zero-width characters"),
        ("Hello" + "".join(chr(0xE0000 + ord(c)) for c in "obey"), "4 invisible tag characters"),
        ("שלום \u202eabc", "1 bidirectional controls"),
    ],
)
def test_invisible_characters_are_counted_by_kind(text: str, kind: str) -> None:
    (message,) = said(text)
    assert kind in message


@pytest.mark.parametrize(
    "text",
    [
        "Plain English, 12 €, naïve café.",
        "क्\u200dष is spelt with a joiner",
        "می\u200cخواهم",
        "👩\u200d🔬 writes",
        "שלום\u200f עולם",
        "日本語のテキスト",
    ],
)
def test_ordinary_spelling_is_not_flagged(text: str) -> None:
    assert said(text) == []
