"""What `python -m torture` checks of the server and the command line at length, checked quickly."""

import importlib
from types import ModuleType

import pytest

from torture.harness.verdict import Part, Verdict

QUICK = ("soak", "batch_kills")
QUICK_IN_PARTS = ("client_deaths", "protocol_messages")


@pytest.mark.parametrize("name", QUICK)
def test_a_promise_holds(name: str) -> None:
    script: ModuleType = importlib.import_module(f"torture.{name}")
    verdict = script.run(script.QUICK)
    assert isinstance(verdict, Verdict)
    assert verdict.passed, verdict.figures


@pytest.mark.parametrize("name", QUICK_IN_PARTS)
def test_a_promise_holds_for_the_first_of_many(name: str) -> None:
    script: ModuleType = importlib.import_module(f"torture.{name}")
    verdict = script.run(Part(script.QUICK))
    assert isinstance(verdict, Verdict)
    assert verdict.passed, verdict.figures
