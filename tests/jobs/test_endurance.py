"""The proofs of `benchmarks/` with few pages: what must hold for a long document holds for a short one."""

from pathlib import Path

import pytest

from benchmarks.cancelled_calls import prove_cancelled_calls
from benchmarks.dense_pages import prove_dense_pages
from benchmarks.harness.scans import make_scans
from benchmarks.killed_read import prove_killed_read
from benchmarks.lost_engine import prove_engine_that_stays_away, prove_returning_engine
from benchmarks.short_limit import prove_short_limit
from benchmarks.two_processes import prove_two_processes


@pytest.mark.anyio
async def test_a_client_with_a_short_limit_gets_the_whole_document(tmp_path: Path) -> None:
    document = make_scans(tmp_path / "scans.pdf", pages=12)
    proof = await prove_short_limit(document, pages=12, seconds=0.5, slots=1, budget_seconds=3, limit_seconds=4)
    assert proof.failures == []


def test_a_killed_read_goes_on_where_it_was(tmp_path: Path) -> None:
    document = make_scans(tmp_path / "scans.pdf", pages=10)
    assert prove_killed_read(document, pages=10, seconds=0.2).failures == []


def test_two_processes_compute_no_page_twice(tmp_path: Path) -> None:
    document = make_scans(tmp_path / "scans.pdf", pages=8)
    assert prove_two_processes(document, pages=8, seconds=0.2).failures == []


@pytest.mark.anyio
async def test_cancelling_frees_the_model(tmp_path: Path) -> None:
    """The older era over stdio is in `tests/server/test_stdio.py`."""
    document = make_scans(tmp_path / "scans.pdf", pages=3)
    assert (await prove_cancelled_calls(document, transports=("stdio",), modes=("auto",))).failures == []
    assert (await prove_cancelled_calls(document, transports=("http",))).failures == []


@pytest.mark.anyio
async def test_results_are_bounded_and_joined_they_are_the_document(tmp_path: Path) -> None:
    document = make_scans(tmp_path / "scans.pdf", pages=8)
    assert (await prove_dense_pages(document, pages=8)).failures == []


def test_an_engine_that_comes_back_is_waited_for(tmp_path: Path) -> None:
    document = make_scans(tmp_path / "scans.pdf", pages=8)
    assert prove_returning_engine(document, pages=8, seconds=0.1, away_seconds=1).failures == []


def test_an_engine_that_stays_away_is_waited_for_once(tmp_path: Path) -> None:
    document = make_scans(tmp_path / "scans.pdf", pages=8)
    assert prove_engine_that_stays_away(document, pages=8, seconds=0.1, wait_seconds=2).failures == []
