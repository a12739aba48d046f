"""What every test may use."""

import os

import pytest
from hypothesis import settings

# No test depends on the clock: a busy machine is no failure.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:  # pyright: ignore[reportUnusedFunction]  pytest uses it
    """What the machine has set, and what another test left in the cache, must not change a test.

    `OCR_MCP_TEST_…` is for the tests themselves.
    """
    for name in os.environ:
        if name.startswith(("OCR_MCP_", "OLLAMA_")) and not name.startswith("OCR_MCP_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("OCR_MCP_CACHE_FOLDER", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio, as the program does."""
    return "asyncio"
