"""The door of the HTTP server: the token, and the time and the number of connections that have not shown it yet.

uvicorn waits for the rest of a request for ever. A thousand connections that each send half a head would then take all
descriptors of the process, and shut out every client.
"""

import asyncio
import hmac

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0
"""Time from a connection, or from the first byte of a later request, to the end of the request's head."""
BODY_SECONDS = 60.0
"""Time from the end of a request's head to the end of its body, which holds a whole document at most."""
_SECONDS = {"IDLE": HEAD_SECONDS, "SEND_BODY": BODY_SECONDS}
"""By the states of h11, in which the server waits for its client."""
MAX_WAITING = 128
"""Connections at the door. One more closes the one that has waited longest: clients show their token in a moment."""


class Door:
    """An ASGI app that lets only those requests through that carry the token; with None, all."""

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app = app
        self._token = None if token is None else token.encode()
        self._waiting: dict[tuple[str, int] | None, asyncio.Transport] = {}

    def protocol(self) -> type[H11Protocol]:
        """Return the protocol of the server's connections, which wait at this door."""
        door = self

        class WaitingProtocol(TimedProtocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
                super().connection_made(transport)
                door.wait(self.client, transport)

            def connection_lost(self, exc: Exception | None) -> None:
                door.leave(self.client)
                super().connection_lost(exc)

        return WaitingProtocol

    def wait(self, client: tuple[str, int] | None, transport: asyncio.Transport) -> None:
        """Let a connection wait, in place of the one that has waited longest where too many do."""
        if len(self._waiting) >= MAX_WAITING:
            self._waiting.pop(next(iter(self._waiting))).abort()
        self._waiting[client] = transport

    def leave(self, client: tuple[str, int] | None) -> None:
        """Forget a connection that came in or was closed."""
        self._waiting.pop(client, None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 and close, or pass the request on."""
        if scope["type"] == "http":
            if not self._carries_token(scope):
                await _refuse(send)
                return
            self.leave(scope["client"])
        await self._app(scope, receive, send)

    def _carries_token(self, scope: Scope) -> bool:
        if self._token is None:
            return True
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        sent = [value for name, value in headers if name.lower() == b"authorization"]
        if len(sent) != 1:
            return False
        scheme, _, token = sent[0].partition(b" ")  # schemes have no case (RFC 9110, 11.1)
        return scheme.lower() == b"bearer" and hmac.compare_digest(token.strip(b" "), self._token)


class TimedProtocol(H11Protocol):
    """HTTP/1.1 that closes a connection whose request does not arrive in time."""

    _timer: asyncio.TimerHandle | None = None
    _awaited = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Called by asyncio."""
        super().connection_made(transport)
        self._set_timer()

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        super().data_received(data)
        self._set_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        super().connection_lost(exc)
        if self._timer is not None:
            self._timer.cancel()

    def _set_timer(self) -> None:
        """Begin the time of the part of a request that has to come next, unless it has begun."""
        state = self.conn.their_state.__name__
        if state == self._awaited:
            return
        self._awaited = state
        if self._timer is not None:
            self._timer.cancel()
        seconds = _SECONDS.get(state)
        self._timer = None if seconds is None else self.loop.call_later(seconds, self._close_late)

    def _close_late(self) -> None:
        if self.conn.their_state.__name__ == self._awaited:
            self.transport.close()


async def _refuse(send: Send) -> None:
    headers = [(b"www-authenticate", b"Bearer"), (b"content-length", b"0"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 401, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
