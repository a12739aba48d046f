"""Read every way of writing an address of this machine: a server on it, which counts its visitors, must see none.

Each form is read as a user would name it, then as the redirect of a server that may be read; addresses are also the
answers of a name server. 127.99.99.99 plays the part of a public address, and nothing leaves this machine.
"""

import ipaddress
import socket
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit

import anyio

from ocr_mcp.errors import OcrError
from ocr_mcp.files.access import AccessPolicy, read_file
from ocr_mcp.files.references import LocalFile, RemoteUrl, parse_reference
from ocr_mcp.files.remote import Address, Resolver, download, is_public
from torture.harness.verdict import Verdict, conclude

FULL = QUICK = 1
"""Rounds over all forms."""

_DOWNLOAD_SECONDS = 5.0
_PUBLIC = "127.99.99.99"
_NOTHING = AccessPolicy(allowed_folders=(), allow_urls=True)

# fmt: off
_IPV4 = (
    "127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "127.000.000.001", "0127.0.0.1", "127.0.0.2", "127.255.255.254",
    "2130706433", "2130706433.", "017700000001", "0177.0.0.1", "0177.0.0.01", "00000177.0.0.1", "0177.0.1", "0177.1",
    "0x7f000001", "0x7F000001", "0x7f.0x0.0x0.0x1", "0x7f.1", "0x7f.0.1", "0X7F.0.0.1", "0x7f.0.0.01", "127.0x0.0.1",
    "0x000000007f000001", "4294967297", "6425673729", "127.0.0.257", "0", "0.0", "0.0.0.0", "0x0", "00", "0.0.0.0.",
    "127.0.0.1%00", "127.0.0.1%20", "127.0.0.1%2e", "127%2e0%2e0%2e1", "%31%32%37.0.0.1", "127.0.0.1%0d%0a",
    "127\u30020\u30020\u30021", "127\uff0e0\uff0e0\uff0e1", "127\uff610\uff610\uff611", "\uff11\uff12\uff17.0.0.1",
    "\u2460\u2461\u2466.0.0.1", "\u0661\u0662\u0667.0.0.1", "\U0001d7cf\U0001d7d0\U0001d7d5.0.0.1", "127.0.0.\u00b9",
    "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254", "100.64.0.1",
    "100.100.100.200", "192.0.0.192", "198.18.0.1", "192.0.2.1", "203.0.113.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255",
)
_IPV6 = (
    "::1", "::", "0:0:0:0:0:0:0:1", "0000::0001", "::ffff:127.0.0.1", "::ffff:7f00:1", "::FFFF:7F00:0001",
    "0:0:0:0:0:ffff:127.0.0.1", "::ffff:0:127.0.0.1", "::127.0.0.1", "::7f00:1", "64:ff9b::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:7f00:0001::1", "2001:0:7f00:1::", "fe80::1",
    "fe80::1%lo", "fe80::1%25lo", "::1%lo", "::1%25lo", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1",
    "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0.0.0.0", "2001:db8::1", "100::1",
)
_NAMES = (
    "localhost", "LOCALHOST", "localhost.", "localhost.localdomain", "ip6-localhost", "loopback", "a.localhost",
    "localtest.me", "127.0.0.1.nip.io", "7f000001.rbndr.us", "metadata.google.internal", "l\u00f6calhost.example",
    "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3", "loc\u00adalhost", "xn--lcalhost-90a",
)
_WHOLE = (
    "http://user@{here}/", "http://user:pass@{here}/", "http://example.org@{here}/", "http://{here}@example.org/",
    "http://example.org:80@{here}/", "http://example.org\\@{here}/", "http://{here}\\@example.org/",
    "http://example.org#@{here}/", "http://example.org?@{here}/", "http:///{here}/", "http:////{here}/",
    "http:/{here}/", "http:{here}/", "http:\\\\{here}\\", "http://\\{here}/", "//{here}/", "\\\\{here}\\a", "{here}",
    "HTTP://{here}/", "hTtPs://{here}/", "https://{here}/", " http://{here}/ ", "'http://{here}/'", "\"http://{here}/\"",
    "http://{here}", "http://{here}?a", "http://{here}#a", "http://{here}/../", "http://{here}/%2e%2e/", "http://\t{here}/",
    "http://127.0.0.1:0{port}/", "http://127.0.0.1:{port}0/", "http://127.0.0.1:+{port}/", "http://127.0.0.1:/",
    "http://127.0.0.1:0/", "http://127.0.0.1:99999/", "http://127.0.0.1:{port}:80/", "http://[::1:{port}/",
    "http://[127.0.0.1]:{port}/", "http://[::ffff:127.0.0.1:{port}/", "http://./", "http://../", "http://.:{port}/",
    "http://127.0.0.1 :{port}/", "http://127.0.0.1\n:{port}/", "http://\0{here}/", "http://{here}\r\nHost: a/",
    "gopher://{here}/_GET", "ftp://{here}/", "file://{here}/etc/passwd", "file:///etc/passwd", "file://127.0.0.1/etc/passwd",
    "FILE:///proc/self/environ", "file:/etc/passwd", "dict://{here}/", "ldap://{here}/", "tftp://{here}/", "ws://{here}/",
    "jar:http://{here}/!/", "view-source:http://{here}/", "url:http://{here}/", "feed:http://{here}/", "netdoc:///etc/passwd",
    "blob:http://{here}/", "php://filter/resource=http://{here}/", "unix:///run/docker.sock", "http+unix://%2Frun/",
    "javascript:fetch('http://{here}/')", "data:text/html,<img src=http://{here}/>",
)
# fmt: on


def forms(port: int) -> list[str]:
    """Return all forms, for a server on that port."""
    hosts = [*_IPV4, *(f"[{address}]" for address in _IPV6), *_NAMES]
    whole = [form.replace("{here}", f"127.0.0.1:{port}").replace("{port}", str(port)) for form in _WHOLE]
    return [f"http://{host}:{port}/a.pdf" for host in hosts] + whole


class _Canary(BaseHTTPRequestHandler):
    """A server that counts its visitors. On the address that plays a public one it redirects to the query's target."""

    hits: list[str]

    def do_GET(self) -> None:
        if self.connection.getsockname()[0] == _PUBLIC:
            self.send_response(302)
            target = parse_qs(urlsplit(self.path).query).get("to", ["/"])[0]
            self.send_header("Location", target.encode("utf-8", "replace").decode("latin-1"))
        else:
            self.hits.append(self.path)
            self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        """Log nothing."""


class _CanaryOfIpv6(ThreadingHTTPServer):
    address_family = socket.AF_INET6


def run(count: int) -> Verdict:
    """Read all forms so many times."""
    with _canaries() as (port, hits):
        asked = sum(anyio.run(_ask_all, port) for _ in range(count))
        uninvited = len(hits)
        anyio.run(_visit, port)
        controls = len(hits) - uninvited
    figures = f"{asked} hostile addresses ({len(forms(port))} forms, named, redirected to and resolved to)"
    return Verdict(f"{figures}: {uninvited} hits, {controls} of 1 invited", uninvited == 0 and controls == 1)


@contextmanager
def _canaries() -> Generator[tuple[int, list[str]]]:
    """Serve on one port of 127.0.0.1, 127.99.99.99 and, where the machine has it, ::1."""
    hits: list[str] = []
    handler = type("Handler", (_Canary,), {"hits": hits})
    servers: list[ThreadingHTTPServer] = [ThreadingHTTPServer(("127.0.0.1", 0), handler)]
    port = servers[0].server_port
    servers.append(ThreadingHTTPServer((_PUBLIC, port), handler))
    with suppress(OSError):
        servers.append(_CanaryOfIpv6(("::1", port), handler))
    for server in servers:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield port, hits
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


async def _ask_all(port: int) -> int:
    asked = 0
    for form in forms(port):
        await _refused(form, _resolve)
        await _refused(f"http://public.example:{port}/?to={quote(form, safe='')}", _resolve)
        asked += 2
    for address in _ANSWERS:
        await _refused(f"http://public.example:{port}/a.pdf", _Changing([address]))
        await _refused(f"http://public.example:{port}/a.pdf", _Changing([_PUBLIC, address]), together=True)
        await _refused(f"http://public.example:{port}/?to=/again", _Changing([_PUBLIC, address]))
        asked += 3
    return asked


_ANSWERS = ("127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::", "::127.0.0.1", "169.254.169.254", "10.0.0.1")


async def _refused(text: str, resolve: Resolver, *, together: bool = False) -> None:
    """Read a reference as `SourceReader` does; it must end in an `OcrError`."""
    if together and isinstance(resolve, _Changing):
        resolve = _fixed(resolve.answers)
    try:
        place = parse_reference(text)
        if isinstance(place, RemoteUrl):
            await download(
                place.url, max_bytes=1000, deadline_seconds=_DOWNLOAD_SECONDS, permits=_permits, resolve=resolve
            )
        elif isinstance(place, LocalFile):
            read_file(place.path, _NOTHING)
    except OcrError:
        return
    if not text.startswith("data:"):
        raise AssertionError(text)


def _permits(address: Address) -> bool:
    """Decide as the program does, except that no really public address is connected to: none of the forms is one."""
    if is_public(address):
        raise AssertionError(f"{address} counts as public")
    return address == ipaddress.ip_address(_PUBLIC)


async def _resolve(host: str, port: int) -> Sequence[str]:
    """Return addresses as the system reads them; every name but one is this machine."""
    if host == "public.example":
        return [_PUBLIC]
    try:
        answers = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except OSError:
        return ["127.0.0.1"]
    return [str(answer[4][0]) for answer in answers]


class _Changing:
    """A name server that gives another answer each time, as in DNS rebinding."""

    def __init__(self, answers: Sequence[str]) -> None:
        self.answers = answers
        self._asked = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        del host, port
        answer = self.answers[min(self._asked, len(self.answers) - 1)]
        self._asked += 1
        return [answer]


def _fixed(answers: Sequence[str]) -> Resolver:
    async def resolve(host: str, port: int) -> Sequence[str]:
        del host, port
        return answers

    return resolve


async def _visit(port: int) -> None:
    """Visit the canary once, to show that it counts."""
    with suppress(OcrError):
        await download(
            f"http://127.0.0.1:{port}/", max_bytes=1000, deadline_seconds=_DOWNLOAD_SECONDS, permits=lambda _: True
        )


if __name__ == "__main__":
    conclude(run, full=FULL)
