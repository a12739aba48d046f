"""A Reader is made from settings, and says what is wrong with them."""

import pytest

from ocr_mcp.app import Reader
from ocr_mcp.app.configured_engines import ConfiguredEngines
from ocr_mcp.errors import UnknownEngineError, UsageError
from ocr_mcp.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("name", "pages"), [("openai", 7), ("embedded", 2), ("ollama", 3), ("auto", 3), (None, 7), (" OpenAI ", 7)]
)
async def test_as_many_pages_are_read_at_once_as_the_engine_takes(name: str | None, pages: int) -> None:
    settings = Settings(engine="openai", openai_parallel=7, embedded_workers=2, ollama_parallel=3)
    engines = ConfiguredEngines(settings)
    assert engines.pages_at_once(name) == pages
    await engines.aclose()


def test_an_engine_that_does_not_exist_is_not_taken_for_another_one() -> None:
    with pytest.raises(UnknownEngineError, match="There is no engine 'tesseract'"):
        ConfiguredEngines(Settings()).pages_at_once("tesseract")


async def test_a_reader_takes_the_environment_and_what_it_is_opened_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCR_MCP_CACHE_MB", "7")
    monkeypatch.setenv("OCR_MCP_ENGINE", "ollama")
    async with Reader.open(engine="embedded") as reader:
        assert (reader.settings.engine, reader.settings.cache_mb) == ("embedded", 7)


async def test_a_reader_takes_settings_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(cache_mb=5)
    monkeypatch.setenv("OCR_MCP_CACHE_MB", "7")
    async with Reader.open(settings) as reader:
        assert reader.settings is settings


def test_a_setting_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(UsageError, match="There is no setting 'engin'"):
        Reader.open(engin="embedded")


def test_a_setting_without_such_a_value_is_an_error() -> None:
    with pytest.raises(UsageError, match="OCR_MCP_CACHE_MB"):
        Reader.open(cache_mb=-1)


def test_settings_are_not_given_twice() -> None:
    with pytest.raises(UsageError, match="given twice"):
        Reader.open(Settings(), engine="embedded")
