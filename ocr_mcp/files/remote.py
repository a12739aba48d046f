"""Downloads from addresses that a model or a stranger may have chosen: never from this machine or its network.

Every host name is resolved here, every one of its addresses is checked, and the connection goes to the address that was
checked: a second look-up could answer differently. Redirects are followed here, with the same checks on each.
"""

import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote

import anyio

from ocr_mcp.errors import AccessDeniedError, EmptySourceError, SourceError, SourceNotFoundError, UsageError
from ocr_mcp.files.access import check_size

if TYPE_CHECKING:
    import httpx

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""Turns host and port into addresses. Raises `OSError` for an unknown host."""

MAX_REDIRECTS = 5
_DOWNLOAD = "Download it in a browser and give the path of the copy."
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_SPECIAL_IPV4 = ipaddress.IPv4Network("192.0.0.0/24")  # a cloud's metadata is there; Python knows parts of it
_GLOBAL_IPV6 = ipaddress.IPv6Network("2000::/3")  # all that is given out; ::127.0.0.1 counts as global for Python
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "ollama-ocr-mcp"}


@dataclass(frozen=True, slots=True)
class Download:
    """The bytes that an address answered, and a name for them."""

    name: str
    data: bytes


def is_public(address: Address) -> bool:
    """Return True for an address on the open internet. An IPv4 address may be written as IPv6."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if address not in _GLOBAL_IPV6 or address.sixtofour is not None or address.teredo is not None:
            return False
    return address.is_global and not address.is_multicast and address not in _SPECIAL_IPV4


async def look_up(host: str, port: int) -> list[str]:
    """Return the addresses that the system knows. It also reads every old way of writing an IPv4 address."""
    answers = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(answer[4][0]) for answer in answers]


@dataclass(frozen=True, slots=True)
class _Rules:
    """Limits of a download, and the way from a host to addresses that may be connected to."""

    max_bytes: int
    permits: Callable[[Address], bool]
    resolve: Resolver


async def download(
    url: str,
    *,
    max_bytes: int,
    deadline_seconds: float = 60.0,
    permits: Callable[[Address], bool] = is_public,
    resolve: Resolver = look_up,
) -> Download:
    """Return the bytes behind an address, through at most five redirects, all within one deadline."""
    import httpx

    rules = _Rules(max_bytes, permits, resolve)
    try:
        with anyio.fail_after(deadline_seconds):
            async with httpx.AsyncClient(
                verify=_certificates(),
                trust_env=False,
                follow_redirects=False,
                timeout=None,  # noqa: S113  fail_after is the total
            ) as client:
                return await _follow(client, url, rules)
    except TimeoutError as error:
        raise SourceError(f"The download took over {deadline_seconds:g} s.", hint=_DOWNLOAD) from error
    except httpx.InvalidURL as error:
        raise UsageError("The address cannot be read.", hint="Check it for typing errors.") from error
    except httpx.HTTPError as error:
        raise SourceError(f"The download failed: {type(error).__name__}.", hint=_DOWNLOAD) from error


@cache
def _certificates() -> ssl.SSLContext:
    # Loading the certificates takes 20 ms.
    import httpx

    return httpx.create_ssl_context(trust_env=False)


async def _follow(client: "httpx.AsyncClient", url: str, rules: _Rules) -> Download:
    import httpx

    target = httpx.URL(url)
    for _ in range(MAX_REDIRECTS + 1):
        request = await _pinned_request(client, target, rules)
        response = await client.send(request, stream=True)
        try:
            if not response.has_redirect_location:
                return await _read(response, target, rules.max_bytes)
            target = target.join(response.headers["location"])
        finally:
            await response.aclose()
    raise SourceError(f"The address redirects over {MAX_REDIRECTS} times.", hint=_DOWNLOAD)


async def _pinned_request(client: "httpx.AsyncClient", target: "httpx.URL", rules: _Rules) -> "httpx.Request":
    """Build a request to a checked address, with the certificate and the Host header of the name."""
    if target.scheme not in ("http", "https") or not target.host:
        raise UsageError("The address is not an http or https one.", hint="Check it for typing errors.")
    if target.userinfo:
        raise UsageError("The address holds a user name or a password.", hint=_DOWNLOAD)
    address = await _checked_address(target, rules)
    return client.build_request(
        "GET",
        target.copy_with(host=str(address)),
        headers={**_HEADERS, "Host": target.netloc.decode("ascii")},
        extensions={"sni_hostname": target.raw_host.decode("ascii")},
    )


async def _checked_address(target: "httpx.URL", rules: _Rules) -> Address:
    port = target.port or (443 if target.scheme == "https" else 80)
    host = target.raw_host.decode("ascii").strip("[]")
    try:
        found = await rules.resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise SourceNotFoundError(f"There is no host '{host}'.", hint="Check the address.") from error
    addresses = [ipaddress.ip_address(address.partition("%")[0]) for address in found]
    if not addresses or not all(rules.permits(address) for address in addresses):
        raise AccessDeniedError(
            f"'{host}' is an address of this machine or its network, which is never read.", hint=_DOWNLOAD
        )
    return addresses[0]


async def _read(response: "httpx.Response", target: "httpx.URL", max_bytes: int) -> Download:
    name = unquote(target.path.rstrip("/").rpartition("/")[2]) or target.host
    if response.status_code in (404, 410):
        raise SourceNotFoundError(f"There is nothing at that address ({response.status_code}).", hint="Check it.")
    if response.status_code != 200:
        raise SourceError(f"The address answered with status {response.status_code}.", hint=_DOWNLOAD)
    if response.headers.get("content-encoding", "identity") != "identity":  # asked for above; a bomb would start here
        raise SourceError("The address answers compressed although it was asked not to.", hint=_DOWNLOAD)
    data = bytearray()
    async for chunk in response.aiter_raw():
        data += chunk
        check_size(len(data), name, max_bytes)
    if not data:
        raise EmptySourceError("The address answered with no bytes.", hint=_DOWNLOAD)
    return Download(name, bytes(data))
