"""Guesses from a file's bytes."""

# pyright: reportUnknownMemberType=false
# pymupdf publishes incomplete types.

from pathlib import Path

import pymupdf
import pytest

from ocr_mcp.model.turning import Turn
from ocr_mcp.sources.sniffing import is_likely_scan
from tests.documents import scan
from tests.pipeline.turned_pages import scans_to_turn


def pdf_with_text() -> bytes:
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), "Born digital")
        return document.tobytes()


def test_pictures_and_pdfs_without_fonts_are_likely_scans(tmp_path: Path) -> None:
    assert is_likely_scan(scan(1))
    assert is_likely_scan(scans_to_turn(tmp_path / "scans.pdf", (Turn.NONE,)).read_bytes())


@pytest.mark.parametrize("data", [pdf_with_text(), b"", b"plain text", b"PK\x03\x04"])
def test_pdfs_with_fonts_and_what_is_not_read_are_not(data: bytes) -> None:
    assert not is_likely_scan(data)
