"""What `python -m torture` checks of the server and the command line at length, checked quickly."""

import importlib
from types import ModuleType

import pytest

from torture.verdict import Verdict

QUICK = ("client_deaths", "protocol_messages", "soak", "batch_kills")


@pytest.mark.parametrize("name", QUICK)
def test_a_promise_holds(name: str) -> None:
    script: ModuleType = importlib.import_module(f"torture.{name}")
    verdict = script.run(script.QUICK)
    assert isinstance(verdict, Verdict)
    assert verdict.passed, verdict.figures
