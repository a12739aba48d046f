"""The questions put to one Ollama over HTTP, each answered by a value or by an `EngineError`.

`/api/generate` goes through httpx directly, because the `ollama` package (0.6.3) takes a stream without `done` for a
success and has no `shift`; `/api/version` because it has no such call. Imports httpx: import when first needed.
"""

import os
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx
import pydantic

from ocr_mcp.engines.answers import Answer, Reply
from ocr_mcp.engines.base import Watcher
from ocr_mcp.engines.http.client import EngineHttp, get_json, metadata_deadlines, posting, tls_context, transport_errors
from ocr_mcp.engines.http.deadlines import Deadlines, EngineTimeouts
from ocr_mcp.engines.http.errors import (
    Server,
    broken,
    ended_early,
    excerpt,
    foreign_excerpt,
    http_error,
    not_the_protocol,
)
from ocr_mcp.engines.ollama.names import same_model
from ocr_mcp.errors import CloudModelError, EngineUnavailableError, ModelMissingError
from ocr_mcp.model.geometry import Frozen
from ocr_mcp.model.predictions import Device, StopReason

if TYPE_CHECKING:
    import ollama

_START_HINT = "Start it with 'ollama serve', install it from ollama.com, or set OLLAMA_HOST to where it runs."


class InstalledModel(Frozen):
    """What Ollama says of a model. `capabilities` is None where it does not say."""

    name: str
    digest: str | None
    family: str | None
    capabilities: tuple[str, ...] | None


class _Version(pydantic.BaseModel):
    version: str


class _Line(pydantic.BaseModel):
    """A line of the stream of `/api/generate`. Ollama leaves out zeros and empty strings."""

    response: str = ""
    done: bool = False
    done_reason: str = ""
    error: str | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None


class OllamaClient:
    """One Ollama at `url`, asked about and with one model."""

    def __init__(
        self, url: str, *, model: str, timeouts: EngineTimeouts, api_key: str | None, allow_cloud: bool
    ) -> None:
        self.server = Server(
            name="Ollama", url=url, start_hint=_START_HINT, model_hint=f"Run 'ollama pull {model}' there."
        )
        self._model = self._named = model
        self._timeouts = timeouts
        self._allow_cloud = allow_cloud
        self._authorization = f"Bearer {api_key}" if api_key else None
        headers = {"Authorization": self._authorization} if self._authorization else {}
        self._http = EngineHttp(url, timeouts=timeouts, headers=headers)
        self._library: ollama.AsyncClient | None = None

    async def version(self) -> str:
        """The version that it says it has."""
        with metadata_deadlines(self._timeouts, self.server):
            body = await get_json(self._http, "/api/version", server=self.server, model=self._model)
        try:
            return excerpt(_Version.model_validate_json(body).version, length=40)
        except pydantic.ValidationError as error:
            raise not_the_protocol(self.server, "does not answer as Ollama does") from error

    async def installed(self, *, better_copy: str | None = None) -> InstalledModel:
        """Facts about the model, or about a better copy of it where there is one, which is asked from then on.

        Raises `ModelMissingError` and, unless allowed, `CloudModelError`.
        """
        library = self._from_library()
        with metadata_deadlines(self._timeouts, self.server), self._library_errors():
            listed = await library.list()
            self._model = self._named
            if better_copy and any(same_model(each.model or "", better_copy) for each in listed.models):
                self._model = better_copy
            entry = next((each for each in listed.models if same_model(each.model or "", self._model)), None)
            if entry is None:
                raise ModelMissingError(
                    f"{self.server.title} has no model '{self._model}'.", hint=self.server.model_hint
                )
            shown = await library.show(self._model)
        return InstalledModel(
            name=self._model,
            digest=entry.digest,
            family=shown.details.family if shown.details else None,
            capabilities=None if shown.capabilities is None else tuple(shown.capabilities),
        )

    async def device(self) -> Device | None:
        """Where the model is loaded; None if it is not."""
        library = self._from_library()
        with metadata_deadlines(self._timeouts, self.server), self._library_errors():
            loaded = await library.ps()
        for each in loaded.models:
            if same_model(each.model or each.name or "", self._model) and each.size and each.size_vram is not None:
                return _device(size=each.size, size_vram=each.size_vram)
        return None

    async def generate(self, body: bytes, *, watch: Watcher | None) -> Reply:
        """Stream the answer to a request of JSON to its end, or until `watch` ends it.

        Raises an `EngineError` instead of returning an answer that a failure cut.
        """
        answer = Answer(watch)
        with Deadlines(self._timeouts, server=self.server.title) as deadlines:
            async with posting(self._http, "/api/generate", body, server=self.server, model=self._model) as lines:
                async for raw in lines:
                    line = self._read_line(raw)
                    if line.response:
                        deadlines.note_output()
                        answer.add(line.response)
                    if answer.stop is not None:
                        return Reply(text=answer.text, stop=answer.stop, seconds=deadlines.seconds)
                    if line.done:
                        return self._reply(answer, line, deadlines.seconds)
        raise ended_early(self.server, "ended without done: the answer was broken off")

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()
        if self._library is not None:
            await self._library.close()

    def _read_line(self, raw: bytes) -> _Line:
        try:
            line = _Line.model_validate_json(raw)
        except pydantic.ValidationError as error:
            raise not_the_protocol(self.server, f"sent a line that is not its JSON: {foreign_excerpt(raw)}") from error
        if line.error is not None:
            raise broken(self.server, line.error)
        return line

    def _reply(self, answer: Answer, line: _Line, seconds: float) -> Reply:
        if line.done_reason not in {StopReason.STOP, StopReason.LENGTH}:
            raise ended_early(self.server, f"ended the answer with the reason '{excerpt(line.done_reason)}'")
        return Reply(
            text=answer.text,
            stop=StopReason(line.done_reason),
            prompt_tokens=line.prompt_eval_count,
            text_tokens=0 if line.eval_count is None and not answer.text else line.eval_count,
            seconds=seconds,
        )

    def _from_library(self) -> "ollama.AsyncClient":
        """The library's client. Not to be called within a limit: its import takes a while."""
        if self._library is None:
            self._library = _library_client_class()(
                self.server.url,
                timeout=httpx.Timeout(None, connect=self._timeouts.connect_seconds),
                limits=httpx.Limits(max_keepalive_connections=0),
                follow_redirects=False,
                trust_env=False,
                verify=tls_context(),
                event_hooks={"request": [self._authorize], "response": [self._inspect]},
            )
        return self._library

    async def _authorize(self, request: httpx.Request) -> None:
        """Take out the key that the library reads from OLLAMA_API_KEY and sends to any host."""
        request.headers.pop("Authorization", None)
        if self._authorization is not None:
            request.headers["Authorization"] = self._authorization

    async def _inspect(self, response: httpx.Response) -> None:
        """Look at the answer while it is whole: the library's types drop `remote_host` and what an error body was."""
        await response.aread()
        if response.status_code != HTTPStatus.OK:
            raise http_error(self.server, model=self._model, status=response.status_code, body=response.content)
        if not self._allow_cloud:
            self._refuse_remote(response.content)

    def _refuse_remote(self, body: bytes) -> None:
        try:
            found = _Remotes.model_validate_json(body)
        except pydantic.ValidationError:
            return  # the library reads the same bytes next and fails on them
        remote = found.remote_of(self._model)
        if remote is not None:
            raise CloudModelError(
                f"The model '{self._model}' runs on {excerpt(remote)}, so pages would leave this machine.",
                hint="Use a local model such as deepseek-ocr, or allow cloud models in the settings.",
            )

    @contextmanager
    def _library_errors(self) -> Generator[None]:
        """Name what the `ollama` package raises."""
        try:
            with transport_errors(self.server):
                yield
        except ConnectionError as error:
            raise EngineUnavailableError(
                f"{self.server.title} cannot be reached.", hint=self.server.start_hint
            ) from error
        except (ValueError, TypeError) as error:  # what `cls(**response.json())` raises on other JSON or none
            raise not_the_protocol(self.server, "does not answer as Ollama does") from error


class _Remote(pydantic.BaseModel):
    """What `/api/show`, or an entry of `/api/tags`, says about where a model runs."""

    model: str | None = None
    name: str | None = None
    remote_host: str | None = None
    remote_model: str | None = None


class _Remotes(_Remote):
    models: tuple[_Remote, ...] = ()

    def remote_of(self, model: str) -> str | None:
        """The host that the model runs on, if it is not this one."""
        entries = [each for each in self.models if same_model(each.model or each.name or "", model)]
        for each in (self, *entries):
            if each.remote_host or each.remote_model:
                return each.remote_host or each.remote_model
        return None


def load() -> None:
    """What the first request needs, which takes a moment."""
    tls_context()
    _library_client_class()


def _device(*, size: int, size_vram: int) -> Device:
    if size_vram >= size:
        return Device.GPU
    return Device.PARTLY if size_vram > 0 else Device.CPU


@cache
def _library_client_class() -> "type[ollama.AsyncClient]":
    """The `ollama` package's client.

    As it is imported, the package builds a client for OLLAMA_HOST and dies of forms that this project takes, such as
    a list of hosts; so the variable is out of sight for that moment.
    """
    kept = os.environ.pop("OLLAMA_HOST", None)
    try:
        from ollama import AsyncClient
    finally:
        if kept is not None:
            os.environ["OLLAMA_HOST"] = kept
    return AsyncClient
