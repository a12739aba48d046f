"""`OLLAMA_HOST` as Ollama reads it [O envconfig.Host], and comma separated for several.

Two differences, because this is a client: an address to listen on everywhere (`0.0.0.0`, `[::]`, none) means this
machine, and an address that can never be reached (another scheme, a password) is an error instead of a strange URL.
"""

import ipaddress
import re
from collections.abc import Sequence

from ocr_mcp.errors import UsageError

DEFAULT_HOST = "http://127.0.0.1:11434"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST_NAME = re.compile(r"[^\s/\\?#@\[\]:<>^|\"'%,]+")
_PORT = re.compile(r"\+?[0-9]{1,9}")
_HINT = "Write it as Ollama does, for example 127.0.0.1:11434, http://gpu-box:11434 or https://example.com/ollama."


def parse_ollama_hosts(text: str) -> tuple[str, ...]:
    """Return base URLs in the order written, each once; the default if there is none."""
    urls = [parse_ollama_host(part) for part in _clean(text).split(",") if _clean(part)]
    return tuple(dict.fromkeys(urls)) or (DEFAULT_HOST,)


def parse_all_ollama_hosts(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the base URLs of all texts, each of which may itself be comma separated."""
    return parse_ollama_hosts(",".join(_clean(text) for text in texts))


def parse_ollama_host(text: str) -> str:
    """Return one base URL `scheme://host:port/path` without a slash at its end.

    A port that is no number from 0 to 65535 counts as not written, as in Ollama.
    """
    scheme, rest, default_port = _split_scheme(_clean(text))
    address, _, path = rest.partition("/")
    if "@" in address:
        raise _with_password()
    host, port = _split_port(address)
    host = _client_host(host, text)
    number = int(port) if _PORT.fullmatch(port) and int(port) <= 65535 else default_port
    path = path.strip("/")
    if re.search(r"[\s?#]", path):
        raise _unreadable(text)
    return f"{scheme}://{host}:{number}" + (f"/{path}" if path else "")


def _clean(text: str) -> str:
    return text.strip().strip("\"'").strip()


def _split_scheme(text: str) -> tuple[str, str, int]:
    scheme, separator, rest = text.partition("://")
    if not separator:
        return ("https", text, 443) if text == "ollama.com" else ("http", text, 11434)
    if scheme.lower() not in _DEFAULT_PORTS:
        raise UsageError(f"The Ollama host {text!r} has the scheme {scheme!r}.", hint="Use http:// or https://.")
    return scheme.lower(), rest, _DEFAULT_PORTS[scheme.lower()]


def _split_port(address: str) -> tuple[str, str]:
    """Return host and port, which is empty if not written; an IPv6 address may lack its brackets."""
    if address.startswith("["):
        host, bracket, rest = address[1:].partition("]")
        return (host, rest.removeprefix(":")) if bracket and rest[:1] in {"", ":"} else (address, "")
    if address.count(":") == 1:
        host, _, port = address.partition(":")
        return host, port
    return address, ""


def _client_host(host: str, text: str) -> str:
    if not host:
        return "127.0.0.1"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if not _HOST_NAME.fullmatch(host):
            raise _unreadable(text) from None
        return host
    if address.version == 4:
        return "127.0.0.1" if address.is_unspecified else str(address)
    return "[::1]" if address.is_unspecified else f"[{address}]"


def _unreadable(text: str) -> UsageError:
    return UsageError(f"The Ollama host {text.strip()!r} cannot be read.", hint=_HINT)


def _with_password() -> UsageError:
    return UsageError(
        "An Ollama host with a user name or password in it cannot be used.",
        hint="Ollama has no passwords; for a proxy that wants a token, set the API key instead.",
    )
