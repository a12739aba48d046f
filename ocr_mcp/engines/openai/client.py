"""Requests to one OpenAI-compatible server over HTTP. Imports httpx, so it is imported with the first request."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pydantic

from ocr_mcp.engines.answers import Answer, Reply
from ocr_mcp.engines.base import Watcher
from ocr_mcp.engines.http.client import EngineHttp, get_json, metadata_deadlines, posting, tls_context
from ocr_mcp.engines.http.deadlines import Deadlines, EngineTimeouts
from ocr_mcp.engines.http.errors import (
    Server,
    broken,
    ended_early,
    error_text,
    excerpt,
    foreign_excerpt,
    not_the_protocol,
)
from ocr_mcp.errors import EngineError, EngineProtocolError, EngineRefusedError, ModelMissingError
from ocr_mcp.model.geometry import Frozen
from ocr_mcp.model.predictions import StopReason

VLLM = "vllm"
LLAMA_SERVER = "llamacpp"
_DONE = b"[DONE]"


class ServedModel(Frozen):
    """A model that the server lists. `owner` tells the kind of server: `vllm`, `llamacpp`."""

    id: str
    owner: str | None


class _Model(pydantic.BaseModel):
    id: str
    owned_by: str | None = None


class _Models(pydantic.BaseModel):
    data: tuple[_Model, ...]


class _Version(pydantic.BaseModel):
    version: str


class _Props(pydantic.BaseModel):
    build_info: str


class _Delta(pydantic.BaseModel):
    content: str | None = None


class _Choice(pydantic.BaseModel):
    delta: _Delta = _Delta()
    finish_reason: str | None = None


class _Usage(pydantic.BaseModel):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Chunk(pydantic.BaseModel):
    choices: tuple[_Choice, ...] = ()
    usage: _Usage | None = None


@dataclass(slots=True)
class _Stream:
    """Facts that a stream has stated so far besides its text."""

    finish: str | None = None
    usage: _Usage = field(default_factory=_Usage)
    is_done: bool = False


class OpenAIClient:
    """One server whose API lies under `url`, which ends in its version (`…/v1`)."""

    def __init__(self, url: str, *, model: str | None, timeouts: EngineTimeouts, api_key: str | None) -> None:
        self.server = Server(
            name="The OpenAI-compatible server",
            url=url,
            start_hint="Start it, or correct its address in the settings.",
            model_hint="Name a model that it lists at /v1/models, or start it with that model.",
        )
        self._model = model
        self._timeouts = timeouts
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._http = EngineHttp(url, timeouts=timeouts, headers=headers)

    async def served(self) -> ServedModel:
        """Return the model to ask: the named one, else the first that is listed."""
        listed = await self._listed()
        if self._model is None:
            if not listed:
                raise EngineRefusedError(f"{self.server.title} lists no model.", hint=self.server.model_hint)
            return listed[0]
        owner = listed[0].owner if listed else None
        found = next((each for each in listed if each.id == self._model), None)
        if found is None and listed and owner != LLAMA_SERVER:  # llama-server has one model and takes any name for it
            names = excerpt(", ".join(each.id for each in listed))
            raise ModelMissingError(f"{self.server.title} has no model '{self._model}'.", hint=f"It has: {names}.")
        return found or ServedModel(id=self._model, owner=owner)

    async def version(self, owner: str | None) -> str | None:
        """Return the server's version where its kind has a way to ask; None otherwise, and if it does not say."""
        try:
            if owner == VLLM:
                return _Version.model_validate_json(await self._get("/version", root=True)).version
            if owner == LLAMA_SERVER:
                return _Props.model_validate_json(await self._get("/props", root=True)).build_info
        except (EngineError, pydantic.ValidationError):
            return None
        return None

    async def complete(self, body: Mapping[str, object], *, watch: Watcher | None) -> Reply:
        """Stream one answer to its end, or until `watch` ends it.

        Raises an `EngineError` instead of returning an answer that a failure cut.
        """
        answer, stream = Answer(watch), _Stream()
        encoded, model = [json.dumps(body).encode("ascii")], str(body["model"])
        with Deadlines(self._timeouts, server=self.server.title) as deadlines:
            async with posting(self._http, "chat/completions", encoded, server=self.server, model=model) as lines:
                async for line in lines:
                    if text := self._take(line, stream):
                        deadlines.note_output()
                        answer.add(text)
                    if answer.stop is not None:
                        return Reply(text=answer.text, stop=answer.stop, seconds=deadlines.seconds)
                    if stream.is_done:
                        return self._reply(answer, stream, deadlines.seconds)
        raise ended_early(self.server, "ended without [DONE]: the answer was broken off")

    def _take(self, line: bytes, stream: "_Stream") -> str:
        """Return the text of one event and note everything else that it says in `stream`."""
        data = _event_data(line)
        if data == _DONE:
            stream.is_done = True
        if not data or data == _DONE:
            return ""
        chunk = self._read(data)
        stream.usage = chunk.usage or stream.usage
        for choice in chunk.choices:
            stream.finish = choice.finish_reason or stream.finish
        return "".join(choice.delta.content or "" for choice in chunk.choices)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _listed(self) -> list[ServedModel]:
        try:
            models = _Models.model_validate_json(await self._get("models"))
        except pydantic.ValidationError as error:
            raise not_the_protocol(self.server, "does not list its models as OpenAI does") from error
        except EngineProtocolError:
            if self._model is None:
                raise
            return []  # some servers only have /chat/completions; the named model is tried
        return [ServedModel(id=each.id, owner=each.owned_by) for each in models.data]

    async def _get(self, path: str, *, root: bool = False) -> bytes:
        url = str(self._http.base_url.join(path)) if root else path
        with metadata_deadlines(self._timeouts, self.server):
            return await get_json(self._http, url, server=self.server, model=self._model or "")

    def _read(self, data: bytes) -> _Chunk:
        try:
            chunk = _Chunk.model_validate_json(data)
        except pydantic.ValidationError as error:
            raise not_the_protocol(
                self.server, f"sent an event that is not its JSON: {foreign_excerpt(data)}"
            ) from error
        if not chunk.choices and (text := error_text(data)) is not None:
            raise broken(self.server, text)
        return chunk

    def _reply(self, answer: Answer, stream: "_Stream", seconds: float) -> Reply:
        if stream.finish not in {StopReason.STOP, StopReason.LENGTH}:
            raise ended_early(self.server, f"ended the answer with the reason '{excerpt(str(stream.finish))}'")
        return Reply(
            text=answer.text,
            stop=StopReason(stream.finish),
            seconds=seconds,
            prompt_tokens=stream.usage.prompt_tokens,
            text_tokens=stream.usage.completion_tokens,
        )


def load() -> None:
    """Load ahead the parts that the first request would have to wait for."""
    tls_context()


def _event_data(line: bytes) -> bytes | None:
    """Return the content of a `data:` line of server-sent events; None for comments and other fields."""
    return line.removeprefix(b"data:").strip() if line.startswith(b"data:") else None
