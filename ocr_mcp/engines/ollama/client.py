"""Requests to one Ollama over HTTP, each answered by a value or by an `EngineError`.

`/api/generate` goes through httpx directly, because the `ollama` package (0.6.3) takes a stream without `done` for a
success and has no `shift`; `/api/version` because it has no such call. Imports httpx, so it is imported with the first
request.
"""

from collections.abc import Sequence

import pydantic

from ocr_mcp.engines.answers import Answer, Reply
from ocr_mcp.engines.base import Watcher
from ocr_mcp.engines.http.client import EngineHttp, get_json, metadata_deadlines, posting, tls_context
from ocr_mcp.engines.http.deadlines import Deadlines, EngineTimeouts
from ocr_mcp.engines.http.errors import Server, broken, ended_early, excerpt, foreign_excerpt, not_the_protocol
from ocr_mcp.engines.http.host_pool import Turn
from ocr_mcp.engines.ollama.models import OllamaModels, package_client_class
from ocr_mcp.model.predictions import StopReason

_START_HINT = "Start it with 'ollama serve', install it from ollama.com, or set OLLAMA_HOST to where it runs."


class _Version(pydantic.BaseModel):
    version: str


class _GenerateLine(pydantic.BaseModel):
    """A line of the stream of `/api/generate`. Ollama leaves out zeros and empty strings."""

    response: str = ""
    done: bool = False
    done_reason: str = ""
    error: str | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None


class OllamaClient:
    """One Ollama at `url`; `models` answers questions about the model that it is asked with."""

    def __init__(
        self, url: str, *, model: str, timeouts: EngineTimeouts, api_key: str | None, allow_cloud: bool
    ) -> None:
        self.server = Server(
            name="Ollama", url=url, start_hint=_START_HINT, model_hint=f"Run 'ollama pull {model}' there."
        )
        self.models = OllamaModels(
            self.server, model=model, timeouts=timeouts, api_key=api_key, allow_cloud=allow_cloud
        )
        self._model = model
        self._timeouts = timeouts
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._http = EngineHttp(url, timeouts=timeouts, headers=headers)

    async def version(self) -> str:
        """Return the version that the server says it has."""
        with metadata_deadlines(self._timeouts, self.server):
            body = await get_json(self._http, "/api/version", server=self.server, model=self._model)
        try:
            return excerpt(_Version.model_validate_json(body).version, length=40)
        except pydantic.ValidationError as error:
            raise not_the_protocol(self.server, "does not answer as Ollama does") from error

    async def generate(self, body: Sequence[bytes], *, model: str, watch: Watcher | None, turn: Turn) -> Reply:
        """Stream the answer to a request of JSON, given in pieces, to its end, or until `watch` ends it.

        The last piece is sent, and time counts, from when `turn` returns. Raises an `EngineError` instead of returning
        an answer that a failure cut.
        """
        answer = Answer(watch)
        with Deadlines(self._timeouts, server=self.server.title) as deadlines:

            async def before_last() -> None:
                with deadlines.held():
                    await turn()

            request = posting(
                self._http, "/api/generate", body, server=self.server, model=model, before_last=before_last
            )
            async with request as lines:
                async for raw in lines:
                    line = self._parse_line(raw)
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
        await self.models.aclose()

    def _parse_line(self, raw: bytes) -> _GenerateLine:
        try:
            line = _GenerateLine.model_validate_json(raw)
        except pydantic.ValidationError as error:
            raise not_the_protocol(self.server, f"sent a line that is not its JSON: {foreign_excerpt(raw)}") from error
        if line.error is not None:
            raise broken(self.server, line.error)
        return line

    def _reply(self, answer: Answer, line: _GenerateLine, seconds: float) -> Reply:
        if line.done_reason not in {StopReason.STOP, StopReason.LENGTH}:
            raise ended_early(self.server, f"ended the answer with the reason '{excerpt(line.done_reason)}'")
        return Reply(
            text=answer.text,
            stop=StopReason(line.done_reason),
            prompt_tokens=line.prompt_eval_count,
            text_tokens=0 if line.eval_count is None and not answer.text else line.eval_count,
            seconds=seconds,
        )


def load() -> None:
    """Load ahead the parts that the first request would have to wait for."""
    tls_context()
    package_client_class()
