"""Answers requests that cannot be read. The `mcp` package only logs them, and the client would wait for ever."""

import json
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Protocol, Self, cast

from mcp.shared.message import SessionMessage
from mcp.types import INVALID_REQUEST, PARSE_ERROR, ErrorData, JSONRPCError
from pydantic import ValidationError

Incoming = SessionMessage | Exception


class _Requests(Protocol):
    async def receive(self) -> Incoming: ...
    async def aclose(self) -> None: ...
    async def __anext__(self) -> Incoming: ...


class _Answers(Protocol):
    async def send(self, item: SessionMessage, /) -> None: ...


class AnsweringStream:
    """The messages of a client, without those that cannot be read, which get an error as their answer."""

    def __init__(self, requests: _Requests, answers: _Answers) -> None:
        self._requests = requests
        self._answers = answers

    async def receive(self) -> Incoming:
        """Return the next message that can be read."""
        return await self._next_readable(self._requests.receive)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Incoming:
        return await self._next_readable(self._requests.__anext__)

    async def aclose(self) -> None:
        """Close the stream below."""
        await self._requests.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def _next_readable(self, take: Callable[[], Awaitable[Incoming]]) -> Incoming:
        while isinstance(message := await take(), ValidationError):
            await self._answers.send(SessionMessage(error_for(message)))
        return message


def error_for(problem: ValidationError) -> JSONRPCError:
    """Return the answer to a line that is no JSON, or no JSON-RPC. It carries the request's id where there is one."""
    found = problem.errors(include_url=False, include_context=False)
    ids = [number for each in found if (number := _id_in(each["input"])) is not None]
    if any(each["type"] == "json_invalid" for each in found):
        message = "This is no JSON that can be read. An escaped half of a surrogate pair stands for no character."
        error = ErrorData(code=PARSE_ERROR, message=message)
    else:
        error = ErrorData(code=INVALID_REQUEST, message="This is no JSON-RPC request.")
    return JSONRPCError(jsonrpc="2.0", id=ids[0] if ids else None, error=error)


def _id_in(value: object) -> int | str | None:
    """Return the `id` of a message, or of a line, which Python reads although it holds halves of surrogate pairs."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    number = cast("dict[str, object]", value).get("id") if isinstance(value, dict) else None
    if isinstance(number, str):
        return number if number.isprintable() else None
    return number if isinstance(number, int) and not isinstance(number, bool) else None
