"""Turns the text that names a source into the place that is meant. No file is touched here.

Text is a path unless it starts with a scheme. Base64 without `data:` is never guessed: `/data/invoice` is a path.
"""

import base64
import binascii
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote, unquote_to_bytes

from ocr_mcp.errors import EmptySourceError, SourceTooLargeError, UsageError

MAX_INLINE_BYTES = 32 * 1024 * 1024
_QUOTES = "\"'`\u201c\u201d\u2018\u2019"
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)
_DOUBLED_DRIVE = re.compile(r"[a-z]:[\\/]+([a-z]:[\\/].*)", re.IGNORECASE | re.DOTALL)
_DRIVE_PATH = re.compile(r"/[a-z]:[\\/]", re.IGNORECASE)
_EXAMPLE = "Give the path of a PDF or a picture, such as ~/Documents/invoice.pdf."


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A path, with `~` expanded, as the user gave it otherwise."""

    path: Path


@dataclass(frozen=True, slots=True)
class InlineData:
    """Bytes that came in a `data:` URL, and the type it claims ("" if none). The claim is not believed."""

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class RemoteUrl:
    """An http or https address."""

    url: str


Reference: TypeAlias = LocalFile | InlineData | RemoteUrl


def parse_reference(text: str) -> Reference:
    """Parse a path, a `file:` or `data:` URL or an http(s) address, with quotes and white space around it or not."""
    written = _without_quotes(text)
    if not written:
        raise UsageError("The source is empty.", hint=_EXAMPLE)
    lowered = written[:8].lower()
    if lowered.startswith("data:"):
        return _parse_data_url(written)
    if lowered.startswith(("http://", "https://")):
        return RemoteUrl(written)
    if lowered.startswith("file:"):
        return _local_file(_path_of_file_url(written))
    if scheme := _SCHEME.match(written):
        raise UsageError(
            f"'{scheme.group(1)}' addresses are not read.", hint="Download the file and give the path of the copy."
        )
    return _local_file(written)


def _without_quotes(text: str) -> str:
    # Shells, file managers and models leave quotes around paths.
    written = text.strip()
    while len(written) >= 2 and written[0] in _QUOTES and written[-1] in _QUOTES:
        written = written[1:-1].strip()
    return written


def _local_file(written: str) -> LocalFile:
    if "\0" in written:
        raise UsageError("The path holds a NUL character.", hint=_EXAMPLE)
    if doubled := _DOUBLED_DRIVE.fullmatch(written):
        raise UsageError("The path names its drive twice.", hint=f"Did you mean '{doubled.group(1)}'?")
    try:
        os.fsencode(written)
        return LocalFile(Path(written).expanduser())
    except (UnicodeEncodeError, RuntimeError) as error:
        raise UsageError("The path cannot be understood on this system.", hint=_EXAMPLE) from error


def _path_of_file_url(url: str) -> str:
    """Return the path of `file:///a`, `file://localhost/a`, `file:/a` or `file://~/a`, percent-decoded.

    `#` and `?` are part of the path.
    """
    rest = url[len("file:") :]
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        if host == "~":
            return unquote(rest[2:], errors="surrogateescape")
        if host.lower() not in ("", "localhost", "127.0.0.1"):
            raise UsageError(
                f"The file URL names another machine, '{host}'.", hint="Use file:///path, with three slashes."
            )
        rest = slash + path
    path = unquote(rest, errors="surrogateescape")  # names need not be UTF-8
    return path[1:] if _DRIVE_PATH.match(path) else path


def _parse_data_url(url: str) -> InlineData:
    head, comma, body = url[len("data:") :].partition(",")
    if not comma:
        raise UsageError("The data URL has no comma, so no data.", hint="Write data:image/png;base64,….")
    if len(body) > MAX_INLINE_BYTES * 3:  # every byte percent-encoded
        raise _too_large()
    media_type, *parameters = (part.strip() for part in head.split(";"))
    in_base64 = any(parameter.lower() == "base64" for parameter in parameters)
    data = _decode_base64(body) if in_base64 else unquote_to_bytes(body)
    if len(data) > MAX_INLINE_BYTES:
        raise _too_large()
    if not data:
        raise EmptySourceError("The data URL holds no bytes.", hint="Check that the data was not cut off.")
    return InlineData(data, media_type.lower())


def _decode_base64(body: str) -> bytes:
    compact = "".join(unquote(body).split()).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise UsageError(
            "The data URL says base64, but its data is not.", hint="Save the file and give its path instead."
        ) from error


def _too_large() -> SourceTooLargeError:
    return SourceTooLargeError(
        f"The data URL holds over {MAX_INLINE_BYTES // 1024 // 1024} MB.",
        hint="Save the file and give its path instead.",
    )
