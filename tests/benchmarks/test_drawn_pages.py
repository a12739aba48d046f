"""`make eval` judges drawn pages on a machine without the real ones, and their true text is what is drawn."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.quality import DRAWN, GROUPS, choose_groups, list_notes, measure, summarize_group
from benchmarks.samples.drawn_pages import DrawnPage, draw_pages, write_pages
from benchmarks.samples.paper import Paragraph, Typeface, draw_pdf
from ocr_mcp.evaluation.cases import TruthKind
from ocr_mcp.evaluation.folders import load_folder

PAGES = draw_pages()
PLAIN = ("letters/letter", "tables/ruled")


def _place(page: DrawnPage) -> str:
    return f"{page.kind}/{page.name}"


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


@pytest.mark.parametrize("page", PAGES, ids=_place)
def test_the_truth_has_every_word_that_is_drawn_and_no_other(page: DrawnPage) -> None:
    drawn, truth = _words(page.drawn_text()), _words(page.markdown)
    assert truth - drawn == drawn - truth == Counter()
    assert truth.total() > 60


def test_a_text_that_is_too_long_for_its_page_is_an_error() -> None:
    with pytest.raises(ValueError, match="below the page's last line"):
        draw_pdf((), [[Paragraph("word " * 2000)]], Typeface())


def test_pages_of_different_kinds_are_a_folder_for_the_evaluation(tmp_path: Path) -> None:
    write_pages(tmp_path, PAGES)
    cases = {case.name: case for case in load_folder(tmp_path)}
    assert len(cases) == len(PAGES) >= 12
    assert {case.kind for case in cases.values()} >= {"letters", "columns", "tables", "lists", "turned", "scans"}
    tables = [name for name, case in cases.items() if any(b.kind is TruthKind.TABLE for b in case.blocks or ())]
    assert tables == ["invoices-invoice", "tables-ruled", "tables-unruled"]


@pytest.mark.anyio
async def test_drawn_pages_are_judged_and_a_peer_that_is_missing_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pages(tmp_path, [page for page in PAGES if _place(page) in PLAIN])
    monkeypatch.setenv("PATH", str(tmp_path))
    group = replace(GROUPS[DRAWN], peers=("tesseract",))
    own, peer = judged = await measure(group, load_folder(tmp_path))
    (summary,) = summarize_group(DRAWN, judged)
    assert (summary.kind, summary.pages, summary.failed) == (DRAWN, 2, 0)
    assert summary.whole is not None
    assert summary.whole < 0.05
    assert summary.teds is not None
    assert summary.teds > 0.9
    assert own.run.problem is None
    assert peer.run.problem is not None
    assert list_notes(DRAWN, judged, worst=0) == [f"drawn: Tesseract is left out: {peer.run.problem}"]


def test_groups_of_real_pages_are_left_out_where_the_folder_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "data"
    assert choose_groups((), missing) == [DRAWN]
    assert capsys.readouterr().out.startswith(f"Left out, because '{missing}' is not a folder: scanned, rotated,")
    assert choose_groups((DRAWN,), missing) == [DRAWN]
    assert capsys.readouterr().out == ""
    assert choose_groups((), tmp_path) == list(GROUPS)
