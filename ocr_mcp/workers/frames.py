"""The wire between a worker and its parent: frames of a JSON header and a binary payload.

A frame consists of the header's length (4 bytes), the payload's length (8 bytes), both big-endian, the header and the
payload. This module imports only the standard library, because every worker pays for its imports at its start.
"""

import json
import struct
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeAlias, cast

if TYPE_CHECKING:
    from pydantic import JsonValue

    Header: TypeAlias = dict[str, JsonValue]
else:
    Header = dict

MAX_HEADER_BYTES = 1024 * 1024
MAX_PAYLOAD_BYTES = 1024 * 1024 * 1024
_LENGTHS = struct.Struct(">IQ")


class FrameError(Exception):
    """The bytes on the wire are no frame, or the frame exceeds a limit or was cut short."""


class Incoming(Protocol):
    """The part of `ocr_mcp.runtime.byte_streams` that reading a frame needs. The child does not import that module."""

    async def exactly(self, count: int, /) -> bytes:
        """Return exactly `count` bytes. Raises where the stream ends before."""
        ...


def encode_prefix(header: Header, payload_bytes: int) -> bytes:
    """Encode everything of a frame before its payload, so that a large payload need not be copied to be sent.

    Raises `FrameError` over the limits.
    """
    encoded = json.dumps(header, separators=(",", ":")).encode("ascii")
    _check_lengths(len(encoded), payload_bytes)
    return _LENGTHS.pack(len(encoded), payload_bytes) + encoded


def read_frame(stream: BinaryIO) -> tuple[Header, bytes] | None:
    """Read the next frame. Return None where the stream ends between two frames. Blocks."""
    first = stream.read(_LENGTHS.size)
    if not first:
        return None
    header_bytes, payload_bytes = _decode_lengths(first)
    header = _read_exactly(stream, header_bytes)
    return _decode_header(header), _read_exactly(stream, payload_bytes)


async def receive_frame(incoming: Incoming) -> tuple[Header, bytes]:
    """Read the next frame without blocking the event loop. Errors of the stream pass through."""
    header_bytes, payload_bytes = _decode_lengths(await incoming.exactly(_LENGTHS.size))
    header = _decode_header(await incoming.exactly(header_bytes))
    return header, await incoming.exactly(payload_bytes)


def _decode_lengths(data: bytes) -> tuple[int, int]:
    if len(data) != _LENGTHS.size:
        raise FrameError(f"A frame was cut short after {len(data)} bytes.")
    header_bytes, payload_bytes = cast("tuple[int, int]", _LENGTHS.unpack(data))
    _check_lengths(header_bytes, payload_bytes)
    return header_bytes, payload_bytes


def _check_lengths(header_bytes: int, payload_bytes: int) -> None:
    if header_bytes > MAX_HEADER_BYTES:
        raise FrameError(f"A frame's header has {header_bytes} bytes; the limit is {MAX_HEADER_BYTES}.")
    if payload_bytes > MAX_PAYLOAD_BYTES:
        raise FrameError(f"A frame's payload has {payload_bytes} bytes; the limit is {MAX_PAYLOAD_BYTES}.")


def _decode_header(data: bytes) -> Header:
    try:
        header: object = json.loads(data)
    except ValueError as error:
        raise FrameError("A frame's header is not JSON.") from error
    if not isinstance(header, dict):
        raise FrameError("A frame's header is not a JSON object.")
    return cast("Header", header)


def _read_exactly(stream: BinaryIO, count: int) -> bytes:
    data = stream.read(count) if count else b""
    if len(data) != count:
        raise FrameError(f"A frame was cut short: {len(data)} of {count} bytes.")
    return data
