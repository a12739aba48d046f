"""Which model answers, which are refused, and what is remembered of a host."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from ocr_mcp.engines.base import Engine
from ocr_mcp.engines.ollama.engine import OllamaEngine
from ocr_mcp.errors import CloudModelError, EngineRefusedError
from ocr_mcp.families.deepseek_ocr import DEEPSEEK_OCR
from ocr_mcp.model.predictions import StopReason, Task
from tests.doubles.ollama_server import DIGEST, OllamaDouble
from tests.engines.pictures import ask
from tests.engines.reading import reading

pytestmark = pytest.mark.anyio


@pytest.fixture
def ollama() -> Iterator[OllamaDouble]:
    with OllamaDouble() as double:
        yield double


async def test_a_model_without_a_tag_is_the_latest(ollama: OllamaDouble) -> None:
    async with reading(ollama.url, model="deepseek-ocr:latest") as engine:
        assert (await engine.identify()).model_digest == DIGEST


@pytest.mark.parametrize(("version", "long_edge_px"), [("0.20.0", None), ("0.31.0", 1920), ("0.33.0", None)])
async def test_the_one_view_generation_wants_another_raster(
    ollama: OllamaDouble, version: str, long_edge_px: int | None
) -> None:
    ollama.version = version
    async with reading(ollama.url) as engine:
        profile = await engine.profile()
    assert (profile.name, profile.raster.long_edge_px) == ("deepseek-ocr", long_edge_px)


async def test_a_variant_is_known_by_its_family(ollama: OllamaDouble) -> None:
    ollama.model = "my-scans:latest"
    async with reading(ollama.url, model="my-scans") as engine:
        assert (await engine.profile()).name == "deepseek-ocr"


@pytest.mark.parametrize("name", ["llava", "hf.co/someone/DeepSeek-OCR-2-GGUF"])
async def test_an_unknown_family_is_refused_unless_a_profile_is_named(ollama: OllamaDouble, name: str) -> None:
    ollama.model, ollama.shown = f"{name}:latest", {"details": {"family": "llama"}}
    async with reading(ollama.url, model=name) as engine:
        with pytest.raises(EngineRefusedError, match="Known families: deepseek-ocr"):
            await engine.predict(ask())
    async with reading(ollama.url, model=name, profile=DEEPSEEK_OCR) as engine:
        assert (await engine.predict(ask())).stop is StopReason.STOP


@pytest.mark.parametrize("name", ["gpt-oss:120b-cloud", "deepseek-ocr:cloud"])
async def test_a_cloud_model_is_refused_without_asking(ollama: OllamaDouble, name: str) -> None:
    async with reading(ollama.url, model=name) as engine:
        with pytest.raises(CloudModelError, match="leave this machine"):
            await engine.predict(ask())
    assert ollama.requests == []


@pytest.mark.parametrize("where", ["entry", "shown"])
async def test_a_model_that_runs_elsewhere_is_refused(ollama: OllamaDouble, where: str) -> None:
    setattr(ollama, where, {"remote_host": "https://ollama.com:443", "remote_model": "deepseek-ocr"})
    async with reading(ollama.url) as engine:
        with pytest.raises(CloudModelError, match=r"ollama\.com"):
            await engine.predict(ask())
    assert ollama.generations == []


async def test_a_model_that_runs_elsewhere_is_asked_if_that_is_allowed(ollama: OllamaDouble) -> None:
    ollama.entry = {"remote_host": "https://ollama.com:443"}
    async with reading(ollama.url, allow_cloud=True) as engine:
        assert (await engine.predict(ask())).stop is StopReason.STOP


async def test_ollama_com_itself_is_refused() -> None:
    async with reading("ollama.com") as engine:
        with pytest.raises(CloudModelError, match="cloud"):
            await engine.identify()


async def test_the_fingerprint_changes_with_the_model_and_the_generation(ollama: OllamaDouble) -> None:
    prints: set[str] = set()
    for version, digest in (("0.33.0", DIGEST), ("0.33.0", "ab" * 32), ("0.20.0", DIGEST), ("0.32.9", DIGEST)):
        ollama.version, ollama.entry = version, {"digest": digest}
        async with reading(ollama.url) as engine:
            prints.add(await engine.fingerprint(Task.TEXT, None))
    assert len(prints) == 3


async def test_identifying_again_costs_no_request(ollama: OllamaDouble) -> None:
    async with reading(ollama.url) as engine:
        await engine.identify()
        count = len(ollama.requests)
        start = time.monotonic()
        for _ in range(100):
            await engine.identify()
    assert len(ollama.requests) == count
    assert time.monotonic() - start < 1


LIST_OF_HOSTS = """
import anyio, os, sys
from ocr_mcp.engines.ollama.engine import OllamaEngine
engine = OllamaEngine(hosts=[sys.argv[1]])
print(anyio.run(engine.identify).version, os.environ["OLLAMA_HOST"])
"""


def test_an_ollama_host_that_the_library_cannot_read_does_no_harm(ollama: OllamaDouble) -> None:
    """As it is imported, the `ollama` package reads OLLAMA_HOST and dies of a list; so this needs a new process."""
    command = [sys.executable, "-c", LIST_OF_HOSTS, ollama.url]
    environment = {**os.environ, "OLLAMA_HOST": "gpu-1:1,gpu-2:2"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "0.33.0 gpu-1:1,gpu-2:2\n"


def test_importing_the_engines_does_not_import_an_http_client() -> None:
    """A server must answer in a second; httpx and the `ollama` package cost that together."""
    code = (
        "import sys, ocr_mcp.engines.ollama.engine, ocr_mcp.engines.openai.engine;"
        " print({'httpx', 'ollama'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "set()\n"


def test_the_engine_is_an_engine() -> None:
    engine: Engine = OllamaEngine(hosts=["a,b", "c"], parallel_per_host=4)
    assert (engine.name, engine.concurrency) == ("ollama", 12)
