"""`OLLAMA_HOST` means what it means to Ollama. The table is that of Ollama's own tests (envconfig)."""

import ipaddress

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_mcp.engines.ollama.hosts import DEFAULT_HOST, parse_ollama_host, parse_ollama_hosts
from ocr_mcp.errors import UsageError


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("", "http://127.0.0.1:11434"),
        ("1.2.3.4", "http://1.2.3.4:11434"),
        (":1234", "http://127.0.0.1:1234"),
        ("1.2.3.4:1234", "http://1.2.3.4:1234"),
        ("example.com", "http://example.com:11434"),
        ("example.com:1234", "http://example.com:1234"),
        (":0", "http://127.0.0.1:0"),
        (":66000", "http://127.0.0.1:11434"),
        (":-1", "http://127.0.0.1:11434"),
        ("[::1]", "http://[::1]:11434"),
        ("::1", "http://[::1]:11434"),
        ("[::1]:1337", "http://[::1]:1337"),
        ("http://[::1]", "http://[::1]:80"),
        (" 1.2.3.4 ", "http://1.2.3.4:11434"),
        ('"1.2.3.4"', "http://1.2.3.4:11434"),
        (' " 1.2.3.4 " ', "http://1.2.3.4:11434"),
        ("'1.2.3.4'", "http://1.2.3.4:11434"),
        ("http://1.2.3.4", "http://1.2.3.4:80"),
        ("http://1.2.3.4:4321", "http://1.2.3.4:4321"),
        ("https://1.2.3.4", "https://1.2.3.4:443"),
        ("https://1.2.3.4:4321", "https://1.2.3.4:4321"),
        ("https://example.com/ollama", "https://example.com:443/ollama"),
        ("example.com/", "http://example.com:11434"),
        ("ollama.com", "https://ollama.com:443"),
    ],
)
def test_a_host_is_read_as_ollama_reads_it(text: str, url: str) -> None:
    assert parse_ollama_host(text) == url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        ("[::]:8080", "http://[::1]:8080"),
        ("http://0.0.0.0", "http://127.0.0.1:80"),
    ],
)
def test_an_address_to_listen_on_everywhere_means_this_machine(text: str, url: str) -> None:
    assert parse_ollama_host(text) == url


def test_several_hosts_are_separated_by_commas_and_each_counts_once() -> None:
    hosts = parse_ollama_hosts('"gpu-1, http://gpu-2:8080 ,,gpu-1:11434"')
    assert hosts == ("http://gpu-1:11434", "http://gpu-2:8080")


@pytest.mark.parametrize("text", ["", "  ", ",", "''", ' "," '])
def test_no_host_is_the_default_host(text: str) -> None:
    assert parse_ollama_hosts(text) == (DEFAULT_HOST,)


@pytest.mark.parametrize("text", ["ftp://host", "unix:///run/ollama.sock", "a:b:c", "[::1", "ho st", "host/a?b=1"])
def test_what_cannot_be_reached_is_a_usage_error_with_an_example(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_ollama_host(text)
    assert caught.value.hint


def test_a_password_in_a_host_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        parse_ollama_host("https://me:secret@example.com")
    assert "secret" not in str(caught.value)


@given(st.text(max_size=40))
def test_any_text_is_a_usable_url_or_a_usage_error(text: str) -> None:
    try:
        url = parse_ollama_host(text)
    except UsageError:
        return
    assert parse_ollama_host(url) == url
    assert url.startswith(("http://", "https://"))


@given(st.ip_addresses(), st.integers(1, 65535))
def test_every_ip_address_with_a_port_can_be_connected_to(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int
) -> None:
    written = f"[{address}]" if address.version == 6 else str(address)
    url = httpx.URL(parse_ollama_host(f"{written}:{port}"))
    assert (url.host, url.port or 80) == (url.host if address.is_unspecified else str(address), port)
