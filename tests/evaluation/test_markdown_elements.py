"""A page in Markdown is cut into the elements that OmniDocBench v1.5 compares (`utils/extract.py`)."""

from ocr_mcp.evaluation.cases import TruthKind
from ocr_mcp.evaluation.markdown_elements import parse_elements


def elements(markdown: str) -> list[tuple[str, str]]:
    return [(each.kind.value, each.content) for each in parse_elements(markdown)]


def test_blank_lines_part_texts() -> None:
    assert elements("# Title\n\nOne\ntwo.\n\n\nThree.") == [
        ("text", "# Title"),
        ("text", "One\ntwo."),
        ("text", "Three."),
    ]


def test_a_page_without_blank_lines_is_parted_at_its_lines() -> None:
    assert elements("one\ntwo") == [("text", "one"), ("text", "two")]


def test_pictures_comments_and_fences_around_the_page_are_no_text() -> None:
    assert elements("```markdown\n<!-- page 1 -->\n\n![Figure 1](#figure-1-1)\n\nWords.\n```") == [("text", "Words.")]


def test_pipe_tables_become_html() -> None:
    assert elements("Before\n\n| a | b |\n| --- | --- |\n| 1 | x < y |\n\nAfter") == [
        ("text", "Before"),
        ("table", "<table><tr><td>a</td><td>b</td></tr><tr><td>1</td><td>x &lt; y</td></tr></table>"),
        ("text", "After"),
    ]


def test_a_table_within_a_table_belongs_to_it() -> None:
    outer = "<table><tr><td><table><tr><td>x</td></tr></table></td></tr></table>"
    assert elements(f"One\n\n{outer}\n\nTwo") == [("text", "One"), ("table", outer), ("text", "Two")]


def test_displayed_formulas_are_apart_and_inline_ones_come_again_at_the_end() -> None:
    found = parse_elements("Let $a_1$ be\n\n$$b\n+ c$$\n\nand so")
    assert [(each.kind, each.content, each.is_inline) for each in found] == [
        (TruthKind.TEXT, "Let $a_1$ be", False),
        (TruthKind.FORMULA, r"\[b + c\]", False),
        (TruthKind.TEXT, "and so", False),
        (TruthKind.FORMULA, r"\[a_1\]", True),
    ]


def test_elements_know_where_they_stand() -> None:
    markdown = "First.\n\n<table><tr><td>1</td></tr></table>\n\nLast."
    assert [markdown[each.position :][:5] for each in parse_elements(markdown)] == ["First", "<tabl", "Last."]
