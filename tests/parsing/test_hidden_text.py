"""Text that a reader of the page does not see becomes an issue (docs/security.md)."""

import pytest

from ocr_mcp.model.blocks import Block, BlockLabel
from ocr_mcp.model.text_layers import TextLayer, UnseenText
from ocr_mcp.parsing.text_layer.hidden_text import hidden_line_issues, hidden_text_issues


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


def layer(*, invisible: float = 0.0, unseen: UnseenText | None = None) -> TextLayer:
    return TextLayer(
        lines=(), picture_boxes=(), raster_cover=0.0, invisible_fraction=invisible, unseen=unseen or UnseenText()
    )


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (layer(invisible=0.002), "about 1% are drawn invisibly"),
        (layer(unseen=UnseenText(background=20)), "20 characters have the colour of what is behind them"),
        (
            layer(unseen=UnseenText(covered=9, tiny=3)),
            "9 characters are covered or cut off, 3 characters are too small",
        ),
        (layer(unseen=UnseenText(outside=2)), "some lies beside the page and was left out"),
    ],
)
def test_lines_that_nobody_sees_are_said_by_why(of: TextLayer, said: str) -> None:
    (issue,) = hidden_line_issues(of)
    assert said in issue.message


def test_a_page_that_hides_nothing_has_no_issue() -> None:
    assert hidden_line_issues(layer()) == ()
