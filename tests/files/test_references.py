"""References as users write them, and what each one means: paths, `file://` addresses, quotes, `~` and data URLs."""

import base64
import os
from pathlib import Path

import pytest

from ocr_mcp.errors import EmptySourceError, SourceTooLargeError, UsageError
from ocr_mcp.files.references import MAX_INLINE_BYTES, InlineData, LocalFile, RemoteUrl, parse_reference


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("/data/invoice", "/data/invoice"),
        ("  /tmp/a b.pdf\n", "/tmp/a b.pdf"),
        ('"/tmp/a.pdf"', "/tmp/a.pdf"),
        ("'\"/tmp/a.pdf\"'", "/tmp/a.pdf"),
        ("file:///tmp/my%20scan.pdf", "/tmp/my scan.pdf"),
        ("file:///tmp/caf%E9.pdf", os.fsdecode(b"/tmp/caf\xe9.pdf")),
        ("file://localhost/tmp/a.pdf", "/tmp/a.pdf"),
        ("file:/tmp/a.pdf", "/tmp/a.pdf"),
        ("file:///tmp/a#1?.pdf", "/tmp/a#1?.pdf"),
        ("file:///C:/scans/a.pdf", "C:/scans/a.pdf"),
        ("aGVsbG8gd29ybGQ=", "aGVsbG8gd29ybGQ="),
        ("scans/page.png", "scans/page.png"),
    ],
)
def test_all_but_a_scheme_is_a_path(written: str, path: str) -> None:
    assert parse_reference(written) == LocalFile(Path(path))


@pytest.mark.parametrize("written", ["~/a.pdf", "file://~/a.pdf"])
def test_a_tilde_is_the_home_folder(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert parse_reference(written) == LocalFile(Path("/home/ada/a.pdf"))


@pytest.mark.parametrize(
    ("written", "data", "media_type"),
    [
        ("data:image/png;base64,iVBORw0K", b"\x89PNG\r\n", "image/png"),
        ("data:image/png;base64,iVBO%0ARw0K", b"\x89PNG\r\n", "image/png"),
        ("DATA:;BASE64,_-8", b"\xff\xef", ""),
        ("data:application/pdf,%25PDF-1.7", b"%PDF-1.7", "application/pdf"),
    ],
)
def test_a_data_url_carries_its_bytes_in_base64_or_percent_form(written: str, data: bytes, media_type: str) -> None:
    assert parse_reference(written) == InlineData(data, media_type)


def test_an_address_is_kept_for_later() -> None:
    assert parse_reference("https://example.org/a.pdf") == RemoteUrl("https://example.org/a.pdf")


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("", "is empty"),
        ("  ''  ", "is empty"),
        ("a\0.pdf", "NUL"),
        ("\ud800.pdf", "cannot be understood"),
        ("ftp://host/a.pdf", "'ftp' addresses"),
        ("file://server/share/a.pdf", "another machine, 'server'"),
        ("C:\\C:\\scans\\a.pdf", "names its drive twice.*'C:.scans.a.pdf'"),
        ("data:image/png;base64", "no comma"),
        ("data:image/png;base64,!!!!", "its data is not"),
    ],
)
def test_what_cannot_be_meant_is_an_error_with_the_next_step(written: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        parse_reference(written)
    assert caught.value.hint


def test_a_data_url_without_bytes_is_empty() -> None:
    with pytest.raises(EmptySourceError):
        parse_reference("data:image/png;base64,")


def test_a_data_url_is_capped() -> None:
    with pytest.raises(SourceTooLargeError, match="32 MB"):
        parse_reference("data:;base64," + base64.b64encode(bytes(MAX_INLINE_BYTES + 1)).decode())
