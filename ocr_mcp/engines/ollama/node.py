"""One Ollama host as the engine uses it: facts about it, believed for a short time, and its answers."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import anyio

from ocr_mcp.engines.answers import Reply
from ocr_mcp.engines.base import Watcher
from ocr_mcp.engines.http.deadlines import EngineTimeouts
from ocr_mcp.engines.http.host_pool import Turn
from ocr_mcp.engines.ollama.versions import generation_of, is_too_old
from ocr_mcp.errors import EngineError, EngineRefusedError
from ocr_mcp.families.base import ModelFamily, OllamaGeneration
from ocr_mcp.families.registry import DEFAULT_MODEL, find_family
from ocr_mcp.model.predictions import Device

if TYPE_CHECKING:
    from ocr_mcp.engines.ollama.client import OllamaClient
    from ocr_mcp.engines.ollama.models import InstalledModel

FACTS_SECONDS = 30.0
"""Time for which a host's facts are believed. A failure ends that at once."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Facts about a host and its copy of the model. `device` is None while the model is not loaded."""

    url: str
    model: str
    version: str
    generation: OllamaGeneration | None
    digest: str | None
    family: str | None
    device: Device | None


class OllamaNode:
    """One host, asked with `model` or with `better_copy` where the host has that.

    `family` is the model's family where it is known without asking. The HTTP client is made with the first request,
    because importing it is slow.
    """

    def __init__(
        self,
        url: str,
        *,
        model: str,
        family: ModelFamily | None,
        timeouts: EngineTimeouts,
        api_key: str | None,
        allow_cloud: bool,
        better_copy: str | None = None,
    ) -> None:
        self._url = url
        self._model = model
        self._family = family
        self._better_copy = better_copy
        self._timeouts = timeouts
        self._api_key = api_key
        self._allow_cloud = allow_cloud
        self._client: OllamaClient | None = None
        self._facts: Facts | None = None
        self._facts_until = 0.0
        self._asking = anyio.Lock(fast_acquire=True)

    async def facts(self) -> Facts:
        """Return version, model and device. Raises the error that keeps the host from reading with the model."""
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
        """Return the facts with the device, asked for right after an answer, when the model is loaded.

        The device stays unknown if the host does not tell: an answer is not lost for that.
        """
        if facts.device is not None and self._facts is facts:
            return facts
        async with self._asking:
            if facts.device is not None or self._facts is not facts:
                return self._facts or facts
            try:
                self._facts = replace(facts, device=await self._connected().models.device())
            except EngineError:
                return facts
            return self._facts

    async def generate(self, body: Sequence[bytes], *, model: str, watch: Watcher | None, turn: Turn) -> Reply:
        """Return one answer to a request whose last piece waits for `turn`.

        After a failure the facts are asked for again.
        """
        try:
            return await self._connected().generate(body, model=model, watch=watch, turn=turn)
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
        client = self._connected()
        version = await client.version()
        self._require_version(version, self._family)
        generation = generation_of(version)
        # Generation A keeps every special token by itself [O].
        better_copy = None if generation is OllamaGeneration.A else self._better_copy
        installed = await client.models.installed(better_copy=better_copy)
        self._require_version(version, self._family or find_family(installed.name, stated=installed.family))
        self._require_vision(installed)
        return Facts(
            url=self._url,
            model=installed.name,
            version=version,
            generation=generation,
            digest=installed.digest,
            family=installed.family,
            device=await client.models.device(),
        )

    def _require_version(self, version: str, family: ModelFamily | None) -> None:
        if family is not None and is_too_old(version, min_version=family.ollama.min_version):
            needed = ".".join(map(str, family.ollama.min_version))
            raise EngineRefusedError(
                f"Ollama at {self._url} is version {version}, and {family.title} needs {needed} or later.",
                hint="Update Ollama from ollama.com.",
            )

    def _require_vision(self, installed: "InstalledModel") -> None:
        if installed.capabilities is not None and "vision" not in installed.capabilities:
            raise EngineRefusedError(
                f"The model '{self._model}' at {self._url} cannot see pictures.",
                hint=f"Use a model with vision: run 'ollama pull {DEFAULT_MODEL}' and name {DEFAULT_MODEL}.",
            )

    def _connected(self) -> "OllamaClient":
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
