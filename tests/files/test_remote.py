"""Downloads never reach this machine or its network: each hop is checked, and the checked address is connected to."""

import gzip
import ipaddress
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ocr_mcp.errors import (
    AccessDeniedError,
    EmptySourceError,
    SourceError,
    SourceNotFoundError,
    SourceTooLargeError,
    UsageError,
)
from ocr_mcp.files.remote import Address, Download, download, is_public

pytestmark = pytest.mark.anyio


class Canary(BaseHTTPRequestHandler):
    """Answers by path and counts who came."""

    hits = 0

    def do_GET(self) -> None:
        Canary.hits += 1
        if self.path.startswith("/again"):
            self.redirect(self.path)
        elif self.path == "/moved":
            self.redirect("/files/my%20scan.pdf")
        elif self.path == "/inward":
            self.redirect("http://127.0.0.2:1/")
        elif self.path == "/missing":
            self.answer(404, b"")
        elif self.path == "/compressed":
            self.answer(200, gzip.compress(bytes(1_000_000)), encoding="gzip")
        elif self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            threading.Event().wait(1)
        else:
            self.answer(200, b"" if self.path == "/empty" else b"%PDF-1.7 of " + self.headers["Host"].encode())

    def redirect(self, location: str) -> None:
        self.send_response(302)
        self.send_header("Location", location)
        self.end_headers()

    def answer(self, status: int, body: bytes, encoding: str = "identity") -> None:
        self.send_response(status)
        self.send_header("Content-Encoding", encoding)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        """Silence."""


@pytest.fixture(scope="module")
def port() -> Generator[int, None, None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Canary)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def only_canary(address: Address) -> bool:
    return address == ipaddress.ip_address("127.0.0.1")


async def fetched(url: str, *, max_bytes: int = 1000, deadline_seconds: float = 5.0) -> Download:
    return await download(url, max_bytes=max_bytes, deadline_seconds=deadline_seconds, permits=only_canary)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0177.0.0.1",
        "0x7f.1",
        "127.1",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::]",
        "[64:ff9b::7f00:1]",
        "169.254.169.254",
        "10.0.0.1",
        "192.168.0.1",
        "[fe80::1]",
        "[fc00::1]",
        "\uff11\uff12\uff17.0.0.1",
    ],
)
async def test_an_address_of_this_machine_or_network_is_never_reached(host: str, port: int) -> None:
    before = Canary.hits
    with pytest.raises((AccessDeniedError, UsageError, SourceNotFoundError)):
        await download(f"http://{host}:{port}/a.pdf", max_bytes=1000, deadline_seconds=5)
    assert Canary.hits == before


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("::ffff:10.0.0.1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("192.0.0.192", False),
        ("::127.0.0.1", False),
        ("64:ff9b:1::1", False),
    ],
)
def test_public_is_what_the_registries_call_global(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public


async def test_a_file_is_named_after_its_last_address_and_the_host_is_told_its_name(port: int) -> None:
    address = f"127.0.0.1:{port}"
    assert await fetched(f"http://{address}/moved") == Download("my scan.pdf", f"%PDF-1.7 of {address}".encode())


async def test_a_redirect_inwards_is_refused(port: int) -> None:
    with pytest.raises(AccessDeniedError, match=r"127\.0\.0\.2"):
        await fetched(f"http://127.0.0.1:{port}/inward")


async def test_a_name_that_means_two_addresses_is_refused_if_one_of_them_is_not_open(port: int) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1", "10.0.0.1"]

    with pytest.raises(AccessDeniedError):
        await download(f"http://name.example:{port}/", max_bytes=9, permits=only_canary, resolve=resolve)


async def test_a_name_is_looked_up_once_and_what_was_checked_is_connected_to(port: int) -> None:
    """DNS rebinding: a second look-up would answer an address that nobody checked."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    answer = await download(f"http://name.example:{port}/a.pdf", max_bytes=99, permits=only_canary, resolve=resolve)
    assert (asked, answer.data) == (["name.example"], f"%PDF-1.7 of name.example:{port}".encode())


async def test_redirects_end_after_five(port: int) -> None:
    before = Canary.hits
    with pytest.raises(SourceError, match="redirects over 5 times"):
        await fetched(f"http://127.0.0.1:{port}/again")
    assert Canary.hits - before == 6


@pytest.mark.parametrize(
    ("path", "error", "says"),
    [
        ("missing", SourceNotFoundError, "404"),
        ("empty", EmptySourceError, "no bytes"),
        ("compressed", SourceError, "compressed"),
        ("slow", SourceError, "0.3 s"),
    ],
)
async def test_an_answer_that_is_no_file_is_an_error(port: int, path: str, error: type[SourceError], says: str) -> None:
    with pytest.raises(error, match=says):
        await fetched(f"http://127.0.0.1:{port}/{path}", deadline_seconds=0.3)


async def test_an_answer_over_the_limit_is_cut_off(port: int) -> None:
    with pytest.raises(SourceTooLargeError):
        await fetched(f"http://127.0.0.1:{port}/a.pdf", max_bytes=5)


@pytest.mark.parametrize("url", ["http://user:secret@example.org/", "http://", "http://[::1", "http://exa mple/"])
async def test_an_address_that_cannot_be_meant_is_an_error(url: str) -> None:
    with pytest.raises((UsageError, SourceNotFoundError)) as caught:
        await fetched(url)
    assert "secret" not in str(caught.value)
