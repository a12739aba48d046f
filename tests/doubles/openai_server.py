"""A server that speaks the OpenAI chat API as vLLM, llama-server and LM Studio do, with their failures on demand."""

import asyncio
import json
from enum import StrEnum

from tests.doubles.http_server import Exchange, HttpDouble, RecordedRequest

_STANDARD_FIELDS = {"model", "messages", "stream", "stream_options", "temperature", "max_tokens"}


class OpenAIFault(StrEnum):
    """What goes wrong with an answer."""

    LOADING = "loading"
    TOO_LONG = "too_long"
    CRASH = "crash"
    NO_DONE = "no_done"
    NO_FINISH_REASON = "no_finish_reason"
    ERROR_EVENT = "error_event"
    GARBAGE = "garbage"
    STALL_FIRST = "stall_first"
    STALL_MIDDLE = "stall_middle"
    DRIP_COMMENTS = "drip_comments"
    LENGTH = "length"


class OpenAIDouble(HttpDouble):
    """`owner` is who it says it is; a `strict` server refuses fields that OpenAI does not know."""

    def __init__(
        self,
        *,
        answer: str = "Hello world, this page is read.",
        model: str = "deepseek-ai/DeepSeek-OCR",
        owner: str = "vllm",
        fault: OpenAIFault | None = None,
        strict: bool = False,
        piece_seconds: float = 0.0,
    ) -> None:
        super().__init__()
        self.model = model
        self.owner = owner
        self.fault = fault
        self.strict = strict
        self.piece_seconds = piece_seconds
        self._text = answer

    @property
    def completions(self) -> list[RecordedRequest]:
        """The requests for an answer."""
        return self.requests_to("/v1/chat/completions")

    async def answer(self, exchange: Exchange) -> None:
        """Answer one request."""
        path = exchange.request.path
        if path == "/v1/models":
            await exchange.send_json({"object": "list", "data": [{"id": self.model, "owned_by": self.owner}]})
        elif path == "/version" and self.owner == "vllm":
            await exchange.send_json({"version": "0.14.1"})
        elif path == "/props" and self.owner == "llamacpp":
            await exchange.send_json({"build_info": "b9999-abcdef"})
        elif path == "/v1/chat/completions":
            await self._complete(exchange)
        else:
            await exchange.send_json({"detail": "Not Found"}, status=404)

    async def _complete(self, exchange: Exchange) -> None:
        unknown = sorted(set(exchange.request.body) - _STANDARD_FIELDS)
        if self.strict and unknown:
            return await _refuse(exchange, 400, f"unrecognized request arguments: {', '.join(unknown)}")
        if self.fault is OpenAIFault.LOADING:
            return await _refuse(exchange, 503, "Loading model")
        if self.fault is OpenAIFault.TOO_LONG:
            return await _refuse(exchange, 400, "This model's maximum context length is 8192 tokens.")
        if self.fault is OpenAIFault.CRASH:
            return await _refuse(exchange, 500, "EngineCore encountered an issue")
        exchange.start("text/event-stream")
        return await self._stream(exchange)

    async def _stream(self, exchange: Exchange) -> None:
        if self.fault is OpenAIFault.STALL_FIRST:
            await asyncio.sleep(3600)
        if self.fault is OpenAIFault.GARBAGE:
            return await exchange.finish(b"data: {not json}\n\n")
        pieces = self._text.split(" ")
        for index, piece in enumerate(pieces):
            await exchange.write(_event(_chunk(piece if index == 0 else f" {piece}")))
            await asyncio.sleep(self.piece_seconds)
        while self.fault is OpenAIFault.DRIP_COMMENTS:
            await exchange.write(b": keep-alive\n\n")
            await asyncio.sleep(0.02)
        return await self._end(exchange, len(pieces))

    async def _end(self, exchange: Exchange, count: int) -> None:
        if self.fault is OpenAIFault.STALL_MIDDLE:
            await asyncio.sleep(3600)
        if self.fault is OpenAIFault.ERROR_EVENT:
            return await exchange.finish(_event({"error": {"message": "CUDA error", "code": 500}}))
        if self.fault is not OpenAIFault.NO_FINISH_REASON:
            await exchange.write(_event(_chunk(None, "length" if self.fault is OpenAIFault.LENGTH else "stop")))
        await exchange.write(_event({"choices": [], "usage": {"prompt_tokens": 913, "completion_tokens": count}}))
        return await exchange.finish(b"" if self.fault is OpenAIFault.NO_DONE else b"data: [DONE]\n\n")


async def _refuse(exchange: Exchange, status: int, message: str) -> None:
    await exchange.send_json({"error": {"message": message, "type": "error", "code": status}}, status=status)


def _chunk(content: str | None, finish_reason: str | None = None) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": {"content": content}, "finish_reason": finish_reason}], "usage": None}


def _event(value: dict[str, object]) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"
