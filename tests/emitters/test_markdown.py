"""Markdown. Rules without another source: issue 2, "Emitters"."""

import pytest

from ocr_mcp.emitters.markdown import document_to_markdown, figure_anchor, page_to_markdown
from ocr_mcp.model.blocks import Block, BlockLabel, Table, TableCell
from ocr_mcp.model.documents import IssueCode, PageIssue
from tests.emitters.documents import CUT, FAILURE, block, document, page, table


def markdown(*blocks: Block) -> str:
    return page_to_markdown(page(*blocks))


def test_a_page_is_its_blocks_with_blank_lines_between() -> None:
    assert (
        markdown(
            block(BlockLabel.TITLE, "Title"),
            block(BlockLabel.SECTION_HEADER, "Part", level=3),
            block(BlockLabel.TEXT, "Some text."),
            block(BlockLabel.CAPTION, "Figure 1"),
            block(BlockLabel.FOOTNOTE, "1 a note"),
        )
        == "# Title\n\n### Part\n\nSome text.\n\nFigure 1\n\n1 a note"
    )


def test_headers_and_footers_are_comments_which_nothing_in_them_can_end() -> None:
    """Running heads in the text are what readers complain of, and nothing may be lost."""
    blocks = (block(BlockLabel.PAGE_HEADER, "Annual\nReport"), block(BlockLabel.PAGE_FOOTER, "--> 17 <!-- x"))
    assert markdown(*blocks) == "<!-- header: Annual Report -->\n\n<!-- footer: –› 17 ‹!– x -->"


def test_list_items_follow_each_other_with_a_marker_that_markdown_knows() -> None:
    items = ["- one", "• two\nmore", "3. three", "four"]
    assert markdown(*(block(BlockLabel.LIST_ITEM, item) for item in items)) == "- one\n- two\n  more\n3. three\n- four"


def test_a_number_sign_that_begins_a_text_is_no_heading() -> None:
    assert markdown(block(BlockLabel.TEXT, "# of layers")) == "\\# of layers"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (r"is \( x^2 \) and \(y\)", "is $x^2$ and $y$"),
        (r"so \[ a = b \] holds", "so $$a = b$$ holds"),
        (r"code `\(x\)` stays", r"code `\(x\)` stays"),
        (r"\(a \coloneqq b \eqqcolon c\)", "$a := b =: c$"),
        ("one\n\n\n\n\ntwo", "one\n\ntwo"),
    ],
)
def test_maths_is_written_with_dollars(written: str, expected: str) -> None:
    """The clean-ups are DeepSeek's own."""
    assert markdown(block(BlockLabel.TEXT, written)) == expected


def test_formulas_are_displayed() -> None:
    assert markdown(block(BlockLabel.FORMULA, "a = b")) == "$$a = b$$"
    assert markdown(block(BlockLabel.FORMULA, "a\n= b")) == "$$\na\n= b\n$$"
    assert markdown(block(BlockLabel.FORMULA, "\\[ a \\]\n\\[ b \\] (2)")) == "$$a$$\n$$b$$ (2)"


def test_code_is_fenced_with_a_fence_longer_than_any_inside() -> None:
    assert markdown(block(BlockLabel.CODE, "x = r'\\(a\\)'\n\n\n\ny")) == "```\nx = r'\\(a\\)'\n\n\n\ny\n```"
    assert markdown(block(BlockLabel.CODE, "a\n````\nb")) == "`````\na\n````\nb\n`````"
    assert markdown(block(BlockLabel.CODE, "```python\nx\n```")) == "```python\nx\n```"


def test_a_plain_table_is_a_pipe_table_with_its_first_row_as_header() -> None:
    found = markdown(block(BlockLabel.TABLE, "source", table=table(["a", "b|c"], ["\\(x\\)", ""])))
    assert found == "| a | b\\|c |\n| --- | --- |\n| $x$ |  |"


def test_a_table_with_spans_or_lines_in_cells_is_html() -> None:
    cells = (
        TableCell(row=0, column=0, column_span=2, text="a < b & c", is_header=True),
        TableCell(row=1, column=0, text="one\ntwo"),
        TableCell(row=1, column=1, row_span=1, text="H<sub>2</sub>O"),
    )
    assert markdown(block(BlockLabel.TABLE, "", table=Table(row_count=2, column_count=2, cells=cells))) == (
        '<table>\n<tr><th colspan="2">a &lt; b &amp; c</th></tr>\n'
        "<tr><td>one<br>two</td><td>H<sub>2</sub>O</td></tr>\n</table>"
    )


def test_a_table_that_could_not_be_read_is_given_as_written() -> None:
    assert markdown(block(BlockLabel.TABLE, "<table>ItemQty</table>")) == "<table>ItemQty</table>"


def test_figures_are_references_to_anchors_by_page_and_number() -> None:
    found = page_to_markdown(
        page(
            block(BlockLabel.PICTURE, ""), block(BlockLabel.TEXT, "x"), block(BlockLabel.CHART, "A bar chart"), number=3
        )
    )
    assert found == "![Figure 1, page 3](#figure-3-1)\n\nx\n\n![Figure 2, page 3](#figure-3-2)\n\nA bar chart"
    assert figure_anchor(3, 2) == "figure-3-2"


def test_blocks_without_text_leave_no_gap() -> None:
    assert markdown(block(BlockLabel.TEXT, ""), block(BlockLabel.TITLE, ""), block(BlockLabel.TEXT, "x")) == "x"


def test_pages_are_marked_and_failures_are_visible() -> None:
    found = document(page(block(BlockLabel.TEXT, "one"), number=3), FAILURE)
    assert document_to_markdown(found) == (
        "<!-- page 3 -->\n\none\n\n<!-- page 4 -->\n\n> Page 4 could not be read: The answer stalled. Try again.\n"
    )


def test_a_page_that_breaks_off_says_so_at_its_end() -> None:
    assert page_to_markdown(page(block(BlockLabel.TEXT, "one"), number=2, issues=(CUT,))) == (
        "one\n\n> Page 2 is incomplete: The answer reached the limit."
    )


def test_other_issues_stay_out_of_the_text() -> None:
    issues = (PageIssue(code=IssueCode.BAD_BOX, message="A bad box."),)
    assert page_to_markdown(page(block(BlockLabel.TEXT, "one"), issues=issues)) == "one"
