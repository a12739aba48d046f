"""Questions about the models of one Ollama (list, show, ps), asked with the `ollama` package.

The package reads keys and hosts from the environment and drops facts that matter here; this module keeps both in check.
Imports httpx, so it is imported with the first request.
"""

import os
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx
import pydantic

from ocr_mcp.engines.http.client import metadata_deadlines, tls_context, transport_errors
from ocr_mcp.engines.http.deadlines import EngineTimeouts
from ocr_mcp.engines.http.errors import Server, excerpt, http_error, not_the_protocol
from ocr_mcp.engines.ollama.names import CLOUD_HINT, same_model
from ocr_mcp.errors import CloudModelError, EngineUnavailableError, ModelMissingError
from ocr_mcp.model.geometry import Frozen
from ocr_mcp.model.predictions import Device

if TYPE_CHECKING:
    import ollama


class InstalledModel(Frozen):
    """A model as Ollama describes it. `capabilities` is None where it does not say."""

    name: str
    digest: str | None
    family: str | None
    capabilities: tuple[str, ...] | None


class OllamaModels:
    """Asks `server` about `model`. `api_key` goes with every request, None sends no key."""

    def __init__(
        self, server: Server, *, model: str, timeouts: EngineTimeouts, api_key: str | None, allow_cloud: bool
    ) -> None:
        self._server = server
        self._model = self._named = model
        self._timeouts = timeouts
        self._allow_cloud = allow_cloud
        self._authorization = f"Bearer {api_key}" if api_key else None
        self._client: ollama.AsyncClient | None = None

    async def installed(self, *, better_copy: str | None = None) -> InstalledModel:
        """Return facts about the model, or about `better_copy` where there is one, which is asked about from then on.

        Raises `ModelMissingError` and, unless allowed, `CloudModelError`.
        """
        client = self._connected()
        with metadata_deadlines(self._timeouts, self._server), self._package_errors():
            listed = await client.list()
            self._model = self._named
            if better_copy and any(same_model(each.model or "", better_copy) for each in listed.models):
                self._model = better_copy
            entry = next((each for each in listed.models if same_model(each.model or "", self._model)), None)
            if entry is None:
                raise ModelMissingError(
                    f"{self._server.title} has no model '{self._model}'.", hint=self._server.model_hint
                )
            shown = await client.show(self._model)
        return InstalledModel(
            name=self._model,
            digest=entry.digest,
            family=shown.details.family if shown.details else None,
            capabilities=None if shown.capabilities is None else tuple(shown.capabilities),
        )

    async def device(self) -> Device | None:
        """Return where the model is loaded, None if it is not."""
        client = self._connected()
        with metadata_deadlines(self._timeouts, self._server), self._package_errors():
            loaded = await client.ps()
        for each in loaded.models:
            if same_model(each.model or each.name or "", self._model) and each.size and each.size_vram is not None:
                return _device(size=each.size, size_vram=each.size_vram)
        return None

    async def aclose(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.close()

    def _connected(self) -> "ollama.AsyncClient":
        """Return the package's client. Must not be called within a limit, because its import takes a while."""
        if self._client is None:
            self._client = package_client_class()(
                self._server.url,
                timeout=httpx.Timeout(None, connect=self._timeouts.connect_seconds),
                limits=httpx.Limits(max_keepalive_connections=0),
                follow_redirects=False,
                trust_env=False,
                verify=tls_context(),
                event_hooks={"request": [self._authorize], "response": [self._inspect]},
            )
        return self._client

    async def _authorize(self, request: httpx.Request) -> None:
        """Replace the key that the package reads from OLLAMA_API_KEY and sends to any host."""
        request.headers.pop("Authorization", None)
        if self._authorization is not None:
            request.headers["Authorization"] = self._authorization

    async def _inspect(self, response: httpx.Response) -> None:
        """Check the answer while it is whole: the package's types drop `remote_host` and the body of an error."""
        await response.aread()
        if response.status_code != HTTPStatus.OK:
            raise http_error(self._server, model=self._model, status=response.status_code, body=response.content)
        if not self._allow_cloud:
            self._refuse_remote(response.content)

    def _refuse_remote(self, body: bytes) -> None:
        try:
            found = _Remotes.model_validate_json(body)
        except pydantic.ValidationError:
            return  # the package reads the same bytes next and fails on them
        remote = found.remote_of(self._model)
        if remote is not None:
            raise CloudModelError(
                f"The model '{self._model}' runs on {excerpt(remote)}, so pages would leave this machine.",
                hint=CLOUD_HINT,
            )

    @contextmanager
    def _package_errors(self) -> Generator[None]:
        """Turn the exceptions of the `ollama` package into `EngineError`s."""
        try:
            with transport_errors(self._server):
                yield
        except ConnectionError as error:
            raise EngineUnavailableError(
                f"{self._server.title} cannot be reached.", hint=self._server.start_hint
            ) from error
        except (ValueError, TypeError) as error:  # what `cls(**response.json())` raises on other JSON or none
            raise not_the_protocol(self._server, "does not answer as Ollama does") from error


class _Remote(pydantic.BaseModel):
    """The part of `/api/show`, or of an entry of `/api/tags`, that says where a model runs."""

    model: str | None = None
    name: str | None = None
    remote_host: str | None = None
    remote_model: str | None = None


class _Remotes(_Remote):
    models: tuple[_Remote, ...] = ()

    def remote_of(self, model: str) -> str | None:
        """Return the host that the model runs on, None if it is this one."""
        entries = [each for each in self.models if same_model(each.model or each.name or "", model)]
        for each in (self, *entries):
            if each.remote_host or each.remote_model:
                return each.remote_host or each.remote_model
        return None


def _device(*, size: int, size_vram: int) -> Device:
    if size_vram >= size:
        return Device.GPU
    return Device.PARTLY if size_vram > 0 else Device.CPU


@cache
def package_client_class() -> "type[ollama.AsyncClient]":
    """Import the `ollama` package and return its client class.

    While it is imported, the package builds a client for OLLAMA_HOST and fails on forms that this project takes, such
    as a list of hosts; so the variable is hidden for that moment.
    """
    kept = os.environ.pop("OLLAMA_HOST", None)
    try:
        from ollama import AsyncClient
    finally:
        if kept is not None:
            os.environ["OLLAMA_HOST"] = kept
    return AsyncClient
