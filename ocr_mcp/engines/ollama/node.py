"""One Ollama host as an engine sees it: what it is, remembered for a short time, and its answers."""

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import anyio

from ocr_mcp.engines.answers import Reply
from ocr_mcp.engines.base import Watcher
from ocr_mcp.engines.http.deadlines import EngineTimeouts
from ocr_mcp.engines.ollama.generations import Generation, generation_of, is_too_old
from ocr_mcp.errors import EngineError, EngineRefusedError
from ocr_mcp.model.predictions import Device

if TYPE_CHECKING:
    from ocr_mcp.engines.ollama.client import InstalledModel, OllamaClient

FACTS_SECONDS = 30.0
"""How long a host's facts are believed. A failure ends that at once."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of a host and of its copy of the model. `device` is None while the model is not loaded."""

    url: str
    model: str
    version: str
    generation: Generation | None
    digest: str | None
    family: str | None
    device: Device | None


class OllamaNode:
    """One host. Its HTTP client comes with the first request, because importing it is slow."""

    def __init__(
        self,
        url: str,
        *,
        model: str,
        timeouts: EngineTimeouts,
        api_key: str | None,
        allow_cloud: bool,
        better_copy: str | None = None,
    ) -> None:
        self._url = url
        self._model = model
        self._better_copy = better_copy
        self._timeouts = timeouts
        self._api_key = api_key
        self._allow_cloud = allow_cloud
        self._client: OllamaClient | None = None
        self._facts: Facts | None = None
        self._facts_until = 0.0
        self._asking = anyio.Lock(fast_acquire=True)

    async def facts(self) -> Facts:
        """Version, model and device. Raises what keeps the host from reading pictures with the model."""
        if (known := self._believed()) is not None:
            return known
        async with self._asking:
            if (known := self._believed()) is not None:
                return known
            self._facts = None
            self._facts = await self._ask()
            self._facts_until = time.monotonic() + FACTS_SECONDS
            return self._facts

    async def with_device(self, facts: Facts) -> Facts:
        """The facts with the device, asked for right after an answer, when the model is loaded.

        It stays unknown if nobody tells: an answer is not lost for that.
        """
        if facts.device is not None and self._facts is facts:
            return facts
        async with self._asking:
            if facts.device is not None or self._facts is not facts:
                return self._facts or facts
            try:
                self._facts = replace(facts, device=await self._http().device())
            except EngineError:
                return facts
            return self._facts

    async def generate(self, body: bytes, *, watch: Watcher | None) -> Reply:
        """Return one answer. After a failure the facts are asked for again."""
        try:
            return await self._http().generate(body, watch=watch)
        except EngineError:
            self._facts = None
            raise

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _believed(self) -> Facts | None:
        return self._facts if time.monotonic() < self._facts_until else None

    async def _ask(self) -> Facts:
        client = self._http()
        version = await client.version()
        if is_too_old(version):
            raise EngineRefusedError(
                f"{client.server.title} is version {version}, and DeepSeek-OCR needs 0.13.0 or later.",
                hint="Update Ollama from ollama.com.",
            )
        generation = generation_of(version)
        # Generation A keeps every mark by itself [O].
        installed = await client.installed(better_copy=None if generation is Generation.A else self._better_copy)
        self._require_vision(client, installed)
        return Facts(
            url=self._url,
            model=installed.name,
            version=version,
            generation=generation,
            digest=installed.digest,
            family=installed.family,
            device=await client.device(),
        )

    def _require_vision(self, client: "OllamaClient", installed: "InstalledModel") -> None:
        if installed.capabilities is not None and "vision" not in installed.capabilities:
            raise EngineRefusedError(
                f"The model '{self._model}' at {client.server.url} cannot see pictures.",
                hint="Use a model with vision: run 'ollama pull deepseek-ocr' and name deepseek-ocr.",
            )

    def _http(self) -> "OllamaClient":
        if self._client is None:
            from ocr_mcp.engines.ollama.client import OllamaClient

            self._client = OllamaClient(
                self._url,
                model=self._model,
                timeouts=self._timeouts,
                api_key=self._api_key,
                allow_cloud=self._allow_cloud,
            )
        return self._client
