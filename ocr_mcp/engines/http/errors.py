"""The errors that HTTP answers other than 200 stand for, for Ollama and for OpenAI-compatible servers alike."""

import json
from dataclasses import dataclass
from http import HTTPStatus

from ocr_mcp.errors import (
    EngineBusyError,
    EngineCrashedError,
    EngineError,
    EngineProtocolError,
    EngineRefusedError,
    ModelLoadError,
    ModelMissingError,
)

# Ollama says these when loading fails [O]. "resource limitations" is missing: it also says that of a runner that died.
_LOAD_FAILURES = (
    "failed to load",
    "unable to load",
    "error loading",
    "system memory",
    "runner process has terminated",
    "timed out waiting for llama",
    "unable to allocate",
)
_TOO_LONG = ("exceed", "too long", "context length", "maximum context", "context size")
_INCAPABLE = ("does not support", "vision", "multimodal", "image input")


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server as sentences name it: `name` is `Ollama`, `url` has no credentials in it.

    `start_hint` says how to start it, `model_hint` how to get the model.
    """

    name: str
    url: str
    start_hint: str
    model_hint: str

    @property
    def title(self) -> str:
        """The server as the subject of a sentence."""
        return f"{self.name} at {self.url}"


def excerpt(text: str, *, length: int = 200) -> str:
    """Return a server's text on one line, printable and short enough for a message."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= length else line[: length - 1] + "…"


def foreign_excerpt(raw: bytes) -> str:
    """Return the beginning of a line that could not be read; "cut JSON" where it could hold words of the page."""
    return "cut JSON" if raw.lstrip().startswith(b"{") else excerpt(raw[:80].decode(errors="replace"))


def error_text(body: bytes) -> str | None:
    """Return the message in a JSON error of Ollama, OpenAI, vLLM or FastAPI; None for a body that is not one."""
    try:
        value: object = json.loads(body)
    except ValueError:
        return None
    return _message_in(value)


def _message_in(value: object) -> str | None:
    if not isinstance(value, dict):
        return None
    for key in ("error", "message", "detail"):
        found: object = value.get(key)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] # any JSON
        if isinstance(found, str):
            return found
        if isinstance(found, dict):
            return _message_in(found)  # pyright: ignore[reportUnknownArgumentType] # as above
    return None


def http_error(server: Server, *, model: str, status: int, body: bytes) -> EngineError:
    """Return the error that an answer with that status and body stands for."""
    text = error_text(body)
    if 300 <= status < 400 or status in {401, 403}:
        return _turned_away(server, status)
    if text is None:
        return not_the_protocol(server, f"answered HTTP {status} with something that is not its JSON")
    if status == 404 and "model" in text.lower():
        return ModelMissingError(f"{server.title} has no model '{model}'.", hint=server.model_hint)
    if status in {429, 503}:
        return _busy(server, text)
    if status >= 500:
        return broken(server, text)
    return _refused(server, status=status, text=text)


def broken(server: Server, text: str) -> EngineError:
    """Return the error for a failure that the server itself reports, before an answer or in the middle of one."""
    said = excerpt(text)
    if any(mark in text.lower() for mark in _LOAD_FAILURES):
        return ModelLoadError(
            f"{server.title} could not load the model: {said}",
            hint="Free memory (unload other models), update the server, or read its log.",
        )
    return EngineCrashedError(
        f"{server.title} failed while it worked: {said}",
        hint="Try again, since the next request starts it anew; if it fails again, read its log.",
    )


def not_the_protocol(server: Server, what: str) -> EngineProtocolError:
    """Return the error for an answer that such a server does not give."""
    return EngineProtocolError(
        f"{server.title} {what}.",
        hint=f"Check that the address is that of {server.name} itself, not of a proxy in trouble or another program.",
    )


def ended_early(server: Server, what: str) -> EngineProtocolError:
    """Return the error for an answer that stopped before it was complete."""
    return EngineProtocolError(
        f"{server.title} {what}.", hint="The answer is not complete: try the page again, or read the server's log."
    )


def _turned_away(server: Server, status: int) -> EngineError:
    if status < 400:
        return EngineProtocolError(
            f"{server.title} redirects to another address (HTTP {status}), which is not followed.",
            hint="Pages go only where the settings say: set the final address there if you trust it.",
        )
    return EngineRefusedError(
        f"{server.title} refused access (HTTP {status}).", hint="Set the API key for this server, or correct it."
    )


def _busy(server: Server, text: str) -> EngineBusyError:
    return EngineBusyError(
        f"{server.title} is busy: {excerpt(text)}", hint="Try again shortly, or send fewer pages at once."
    )


def _refused(server: Server, *, status: int, text: str) -> EngineRefusedError:
    said = f"{server.title} refused the request (HTTP {status}): {excerpt(text)}"
    lower = text.lower()
    if any(mark in lower for mark in _TOO_LONG):
        return EngineRefusedError(said, hint="The picture takes too many tokens: read a smaller region.")
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return EngineRefusedError(said, hint="The picture has too many bytes for it: read a smaller region.")
    if any(mark in lower for mark in _INCAPABLE):
        return EngineRefusedError(said, hint=f"The model cannot read pictures there. {server.model_hint}")
    return EngineRefusedError(said, hint="Check the model and its settings on that server.")
