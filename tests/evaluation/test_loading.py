"""What a folder holds is recognised by its form; docs/quality.md describes the forms."""

import json
from pathlib import Path
from typing import Any

import pytest

from ocr_mcp.errors import EmptySourceError, OcrError, SourceError, SourceNotFoundError
from ocr_mcp.evaluation.cases import Case
from ocr_mcp.evaluation.loading import load_cases


def write(path: Path, content: object = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def texts(case: Case) -> list[tuple[str, str]]:
    return [(block.kind.value, block.content) for block in sorted(case.blocks or (), key=lambda each: each.order or 0)]


def test_pages_lie_beside_their_ground_truths_and_the_folder_is_the_type(tmp_path: Path) -> None:
    write(tmp_path / "letters" / "a.png")
    write(tmp_path / "letters" / "a.md", "# Dear\n\nSir,")
    write(tmp_path / "b.jpg")
    write(tmp_path / "b.html", "<h1>Sums</h1><p>A &amp; B</p><table><tr><td>1</td></tr></table>")
    write(tmp_path / "unknown.png")
    letter, other = sorted(load_cases(tmp_path), key=lambda case: case.kind)
    assert (letter.name, letter.kind, letter.source) == ("letters-a", "letters", str(tmp_path / "letters" / "a.png"))
    assert texts(letter) == [("text", "# Dear"), ("text", "Sir,")]
    assert (other.name, other.kind) == ("b", "pages")
    assert texts(other) == [("text", "Sums"), ("text", "A & B"), ("table", "<table><tr><td>1</td></tr></table>")]


def test_plain_text_is_compared_as_a_whole(tmp_path: Path) -> None:
    write(tmp_path / "a.tif")
    write(tmp_path / "a.txt", "One\nline.\f\n\n\n  Another.")
    (case,) = load_cases(tmp_path)
    assert case.blocks is None
    assert (case.whole or "").split() == ["One", "line.", "Another."]


def test_a_table_alone_has_no_text_to_compare(tmp_path: Path) -> None:
    write(tmp_path / "a.png")
    write(tmp_path / "a.html", "<table><tr><td>1</td></tr></table>")
    (case,) = load_cases(tmp_path)
    assert case.whole is None


def test_a_pdf_has_one_ground_truth_for_all_of_it_or_one_a_page(tmp_path: Path) -> None:
    write(tmp_path / "whole.pdf")
    write(tmp_path / "whole.txt", "All of it.")
    write(tmp_path / "paged.pdf")
    write(tmp_path / "paged.md", "<!-- page 2 -->\n\nTwo.\n\n<!-- page 5 -->\n\nFive.\n")
    second, fifth, whole = load_cases(tmp_path)
    assert (whole.numbers, whole.whole) == (None, "All of it.")
    assert [(case.name, case.numbers, texts(case)) for case in (second, fifth)] == [
        ("paged-2", (2,), [("text", "Two.")]),
        ("paged-5", (5,), [("text", "Five.")]),
    ]


def test_a_manifest_names_pages_and_ground_truths(tmp_path: Path) -> None:
    write(tmp_path / "scans" / "a.pdf")
    write(tmp_path / "truth.md", "Words.")
    entries = [
        {"path": "scans/a.pdf", "page": 3, "type": "letters", "truth_file": "truth.md"},
        {"path": "scans/a.pdf", "truth": "<p>All</p>", "format": "html", "name": "everything"},
    ]
    write(tmp_path / "manifest.json", entries)
    page, whole = load_cases(tmp_path)
    assert (page.name, page.kind, page.numbers, texts(page)) == ("scans-a-3", "letters", (3,), [("text", "Words.")])
    assert (whole.name, whole.numbers, whole.whole) == ("everything", None, "All")


def test_two_cases_of_one_name_are_told_apart(tmp_path: Path) -> None:
    write(tmp_path / "a.png")
    write(tmp_path / "a.jpg")
    write(tmp_path / "a.txt", "Words.")
    assert [case.name for case in load_cases(tmp_path)] == ["a", "a-2"]


def benchmark_page(**page_info: Any) -> dict[str, Any]:
    """As OmniDocBench writes a page, with all that is not used."""
    blocks: list[dict[str, Any]] = [
        {"category_type": "title", "anno_id": 1, "order": 1, "text": "A title", "poly": [0] * 8, "ignore": False},
        {"category_type": "text_block", "anno_id": 2, "order": 2, "text": "cut in ", "attribute": {"x": "y"}},
        {"category_type": "text_block", "anno_id": 3, "order": 5, "text": "two", "line_with_spans": []},
        {"category_type": "equation_isolated", "anno_id": 4, "order": 3, "latex": "$$a$$"},
        {"category_type": "table", "anno_id": 5, "order": 4, "html": "<table></table>", "latex": "x"},
        {"category_type": "header", "anno_id": 6, "order": None, "text": "Header"},
        {"category_type": "figure", "anno_id": 7, "order": 6},
        {"category_type": "abandon", "anno_id": 8, "order": 7, "text": "Stamp"},
    ]
    relations = [
        {"source_anno_id": 2, "target_anno_id": 3, "relation_type": "truncated"},
        {"source_anno_id": 5, "target_anno_id": 6, "relation_type": "parent_son"},
    ]
    info = {"page_no": 0, "height": 10, "width": 10, "page_attribute": {"data_source": "newspaper"}, **page_info}
    return {"layout_dets": blocks, "page_info": info, "extra": {"relation": relations}}


def test_omnidocbench_is_read_as_it_is(tmp_path: Path) -> None:
    write(tmp_path / "OmniDocBench.json", [benchmark_page(image_path="images/page one.jpg")])
    write(tmp_path / "images" / "page one.jpg")
    (case,) = load_cases(tmp_path)
    assert (case.name, case.kind, case.numbers) == ("page one", "newspaper", (1,))
    assert texts(case) == [
        ("text", "Header"),
        ("text", "A title"),
        ("text", "cut in two"),
        ("formula", "$$a$$"),
        ("table", "<table></table>"),
    ]
    assert [block.content for block in case.blocks or () if block.is_margin] == ["Header"]
    assert case.whole is None


def test_a_missing_picture_of_a_benchmark_is_named(tmp_path: Path) -> None:
    write(tmp_path / "OmniDocBench.json", [benchmark_page(image_path="gone.jpg")])
    with pytest.raises(SourceNotFoundError, match=r"gone\.jpg"):
        load_cases(tmp_path)


def test_olmocr_bench_has_one_case_a_page_and_file(tmp_path: Path) -> None:
    write(tmp_path / "pdfs" / "old" / "a.pdf")
    tests = [
        {"pdf": "old/a.pdf", "page": 1, "id": "t1", "type": "present", "text": "x"},
        {"pdf": "old/a.pdf", "page": 1, "id": "t2", "type": "absent", "text": "y"},
        {"pdf": "old/a.pdf", "page": 2, "id": "t3", "type": "baseline"},
        {"pdf": "old/elsewhere.pdf", "page": 1, "id": "t4", "type": "baseline"},
    ]
    write(tmp_path / "old_scans.jsonl", "\n\n".join(map(json.dumps, tests)))
    first, second = load_cases(tmp_path)
    assert (first.kind, first.numbers, [test.name for test in first.tests]) == ("old_scans", (1,), ["t1", "t2"])
    assert (second.numbers, [test.kind for test in second.tests]) == ((2,), ["baseline"])
    assert not first.keeps_margins


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("manifest.json", [{"page": 1}], SourceError),
        ("manifest.json", [{"path": "gone.png", "truth": "x"}], SourceNotFoundError),
        ("manifest.json", "{", SourceError),
        ("tests.jsonl", '{"pdf": "a.pdf"}', SourceError),
        ("tests.jsonl", "[1]", SourceError),
        ("tests.jsonl", "word", SourceError),
        ("other.json", {"not": "a benchmark"}, EmptySourceError),
        ("readme.txt", "no pages here", EmptySourceError),
    ],
)
def test_what_cannot_be_measured_is_an_error_with_a_hint(
    tmp_path: Path, name: str, content: object, error: type[OcrError]
) -> None:
    write(tmp_path / name, content)
    with pytest.raises(error) as raised:
        load_cases(tmp_path)
    assert raised.value.hint
    with pytest.raises(SourceNotFoundError):
        load_cases(tmp_path / "gone")
