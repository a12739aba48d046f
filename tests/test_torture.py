"""The promises that `python -m torture` checks at length, checked quickly."""

import importlib
from types import ModuleType

import pytest

from torture import hostile_files
from torture.harness.verdict import Verdict

QUICK = ("raced_opens", "hostile_urls")
BUSY_MACHINE_SECONDS = 60.0
"""A test must not judge the speed of the machine that it shares with others; the script by itself does."""


@pytest.mark.parametrize("name", QUICK)
def test_a_promise_holds(name: str) -> None:
    script: ModuleType = importlib.import_module(f"torture.{name}")
    verdict = script.run(script.QUICK)
    assert isinstance(verdict, Verdict)
    assert verdict.passed, verdict.figures


def test_every_hostile_file_becomes_a_typed_error_or_is_read() -> None:
    verdict = hostile_files.run(hostile_files.QUICK, grace_seconds=BUSY_MACHINE_SECONDS)
    assert verdict.passed, verdict.figures
