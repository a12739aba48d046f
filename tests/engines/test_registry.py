"""Every engine is a line of the registry, and a name that is none is an error wherever it is given."""

import subprocess
import sys
from collections.abc import Callable
from typing import get_args

import pytest

from ocr_mcp.app.building import load_client
from ocr_mcp.app.configured_engines import ConfiguredEngines
from ocr_mcp.engines.registry import ENGINE_NAMES, ENGINES, EngineName, make_engine
from ocr_mcp.errors import EngineUnavailableError, UnknownEngineError
from ocr_mcp.settings import Settings, load_settings

pytestmark = pytest.mark.anyio

SETTINGS = Settings(openai_base_url="http://127.0.0.1:9/v1")


def test_every_name_is_a_line_of_the_registry() -> None:
    assert tuple(entry.name for entry in ENGINES) == ENGINE_NAMES == get_args(EngineName)


@pytest.mark.parametrize("name", [entry.name for entry in ENGINES if entry.module is not None])
async def test_an_engine_is_made_by_its_name_and_has_it(name: str) -> None:
    engine = make_engine(name, SETTINGS)
    assert engine.name == name
    await engine.aclose()


@pytest.mark.parametrize("name", ENGINE_NAMES)
async def test_what_requests_need_is_imported_ahead(name: str) -> None:
    await load_client(name)


def test_auto_is_no_engine_of_its_own() -> None:
    with pytest.raises(UnknownEngineError, match="'auto' chooses between engines"):
        make_engine("auto", SETTINGS)


def test_an_engine_that_lacks_a_setting_says_which() -> None:
    with pytest.raises(EngineUnavailableError, match="No OpenAI-compatible endpoint") as caught:
        make_engine("openai", Settings())
    assert "OCR_MCP_OPENAI_BASE_URL" in caught.value.hint


@pytest.mark.parametrize(
    "use",
    [
        lambda: make_engine("nonsense", SETTINGS),
        lambda: ConfiguredEngines(SETTINGS).pages_at_once("nonsense"),
        lambda: load_settings(engine="nonsense"),
    ],
    ids=["make_engine", "pages_at_once", "load_settings"],
)
def test_a_name_that_is_none_is_an_error(use: Callable[[], object]) -> None:
    with pytest.raises(UnknownEngineError, match="There is no engine 'nonsense'") as caught:
        use()
    assert caught.value.hint == "The engines are auto, ollama, openai, embedded."


async def test_a_name_that_is_none_is_an_error_where_its_client_is_loaded() -> None:
    with pytest.raises(UnknownEngineError):
        await load_client("nonsense")


def test_the_registry_imports_no_engine() -> None:
    """The command line shows the names before anything is loaded."""
    code = (
        "import sys, ocr_mcp.engines.registry;"
        " print(sorted(name for name in sys.modules if name.startswith('ocr_mcp.engines.') or name == 'pydantic'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "['ocr_mcp.engines.registry']\n"
