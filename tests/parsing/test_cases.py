"""Whole answers, from what a model wrote to the Markdown of the page: `tests/cases/<format>_<name>/`.

Each case is `answer.txt` and `expected.md`. A blank `expected.md` is filled by hand, after reading it.
"""

from pathlib import Path

import pytest

from ocr_mcp.emitters.figures import figure_to_csv
from ocr_mcp.emitters.markdown import page_to_markdown
from ocr_mcp.families.deepseek_ocr import DEEPSEEK_OCR
from ocr_mcp.model.predictions import ResponseFormat, StopReason
from ocr_mcp.parsing.answers import parse_prediction
from ocr_mcp.parsing.charts.figures import parse_figure
from tests.emitters.documents import page
from tests.parsing.pages import page_image, prediction

SYNTAX = DEEPSEEK_OCR.syntax
CASES = Path(__file__).parents[1] / "cases"
SHARED = Path(__file__).parents[3] / "shared" / "data" / "docling_md_deepseek"
FORMATS = {
    "grounded": ResponseFormat.GROUNDED,
    "markdown": ResponseFormat.MARKDOWN,
    "lines": ResponseFormat.GROUNDED_LINES,
}


def markdown(answer: str, response_format: ResponseFormat, stop: StopReason = StopReason.STOP) -> str:
    parsed = parse_prediction(prediction(answer, response_format, stop), page_image())
    return page_to_markdown(page(*parsed.blocks, issues=parsed.issues)) + "\n"


@pytest.mark.parametrize(
    "case", sorted(path.name for path in CASES.iterdir() if path.name.partition("_")[0] in FORMATS)
)
def test_an_answer_becomes_its_page(case: str) -> None:
    answer, expected = ((CASES / case / name).read_text(encoding="utf-8") for name in ("answer.txt", "expected.md"))
    stop = StopReason.LENGTH if case.endswith("_cut") else StopReason.STOP
    assert markdown(answer, FORMATS[case.partition("_")[0]], stop) == expected


def test_a_charts_answer_becomes_its_records() -> None:
    answer, expected = (
        (CASES / "figure_chart" / name).read_text(encoding="utf-8") for name in ("answer.txt", "expected.csv")
    )
    assert figure_to_csv(parse_figure(answer, SYNTAX)[0]) == expected


def test_both_spellings_of_headers_give_the_same_page() -> None:
    """Ollama 0.30 and later drops the tags; the page must not depend on it."""
    tagged, bare = ((CASES / f"grounded_two_columns_{kind}" / "expected.md").read_text() for kind in ("tagged", "bare"))
    assert tagged == bare


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared/data, which is not part of the repository")
@pytest.mark.parametrize("name", ["deepseek_example", "deepseek_simple", "deepseek_title"])
def test_a_recorded_answer_keeps_all_that_the_reference_reads_from_it(name: str) -> None:
    """Answers that DeepSeek-OCR gave, with what docling reads from them (its tests, MIT)."""
    answer = (SHARED / f"tests__data__md_deepseek__sources__{name}.md").read_text(encoding="utf-8")
    reference = (SHARED / f"tests__data__md_deepseek__groundtruth__{name}.md.md").read_text(encoding="utf-8")
    wanted = {line.strip() for line in reference.splitlines() if line.strip() and line.strip()[0] not in "|<&"}
    parsed = parse_prediction(prediction(answer), page_image())
    read = {f"{'#' * (block.level or 0)} {block.text}".strip() for block in parsed.blocks}
    assert wanted <= read
    assert parsed.issues == ()
    assert all(block.boxes for block in parsed.blocks[1:])
