"""What concerns more than one page, or the whole of one: tables that go on, words that lines broke."""

import json
from pathlib import Path

from tests.cli.running import run
from tests.documents import scan_number, scanned_pdf
from tests.doubles.ollama_server import GenerateCall, OllamaDouble

HEADER = "<tr><td>Item</td><td>Price</td></tr>"
ANSWERS = {
    1: "title[[50, 20, 950, 60]]\n# An exam-\nple\n\ntable[[50, 100, 950, 900]]\n"
    f"<table>{HEADER}<tr><td>Widget</td><td>1</td></tr></table>\n\npage_number[[480, 960, 520, 975]]\n1",
    2: "header[[50, 20, 950, 40]]\nPrices\n\ntable[[50, 60, 950, 400]]\n"
    f"<table>{HEADER}<tr><td>Gadget</td><td>2</td></tr></table>\n\n"
    "text[[50, 500, 950, 540]]\nThat is all there is on\nthe exam-\nple's page.",
}


def answer(call: GenerateCall) -> str:
    return ANSWERS[scan_number(call.image)]


def test_a_table_over_two_pages_is_one_in_markdown_and_two_with_a_link_in_json(tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "two.pdf", pages=2)
    with OllamaDouble(answer=answer, version="0.24.0") as ollama:
        written = run("read", document, ollama=ollama)
        parsed = json.loads(run("read", document, "--format", "json", ollama=ollama).stdout)
    assert written.stdout == (
        "<!-- page 1 -->\n\n# An example\n\n<!-- footer: 1 -->\n\n| Item | Price |\n| --- | --- |\n| Widget | 1 |\n"
        "| <!-- page 2 --> Gadget | 2 |\n\n<!-- header: Prices -->\n\nThat is all there is on\nthe example's page.\n"
    )
    tables = [block for page in parsed["pages"] for block in page["blocks"] if block["table"]]
    assert [table["continues"] for table in tables] == [None, {"page": 1, "block_index": 1, "repeated_rows": 1}]
    assert [len(table["table"]["cells"]) for table in tables] == [4, 4]


def test_hyphens_at_line_ends_stay_where_that_is_set(tmp_path: Path) -> None:
    document = scanned_pdf(tmp_path / "two.pdf", pages=[2])
    with OllamaDouble(answer=answer, version="0.24.0") as ollama:
        done = run("read", document, ollama=ollama, OCR_MCP_JOIN_HYPHENS="false")
    assert "the exam-\nple's page." in done.stdout
