"""What all tests of workers need."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def worker_module_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Children find the worker that misbehaves on demand."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
