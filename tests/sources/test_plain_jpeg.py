"""Only the plainest JPEG files are passed on as they are, and without their metadata (ITU T.81, annex B)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_mcp.sources.render_worker.plain_jpeg import plain_jpeg
from tests.sources.jpegs import scan_jpeg, size_of, with_segment

SMALL = (48, 64)
GREY = scan_jpeg(SMALL)
COLOUR = scan_jpeg(SMALL, mode="RGB")
EXIF, COMMENT, ADOBE, PROGRESSIVE_FRAME = 0xE1, 0xFE, 0xEE, 0xC2


def adobe(transform: int) -> bytes:
    return b"Adobe" + bytes([0, 100, 0, 0, 0, 0, transform])


@pytest.mark.parametrize(("jpeg", "channels"), [(GREY, 1), (COLOUR, 3), (scan_jpeg(SMALL, restart_marker_rows=1), 1)])
def test_what_scanners_write_is_passed_on_byte_by_byte(jpeg: bytes, channels: int) -> None:
    assert plain_jpeg(jpeg, SMALL, channels) == jpeg


@pytest.mark.parametrize("marker", [EXIF, COMMENT, 0xE2, 0xEF])
def test_metadata_is_left_out(marker: int) -> None:
    assert plain_jpeg(with_segment(GREY, marker, b"Exif\0\0 who scanned it, and where"), SMALL, 1) == GREY


def test_padding_behind_the_end_is_left_out() -> None:
    assert plain_jpeg(GREY + b"\0\0\r\n", SMALL, 1) == GREY


@pytest.mark.parametrize(
    "jpeg",
    [
        b"",
        b"\xff\xd8",
        GREY[:-2],
        GREY[: len(GREY) // 2],
        GREY + b"and more",
        GREY + GREY,
        b"\x89PNG" + GREY,
        scan_jpeg(SMALL, progressive=True),
        scan_jpeg(SMALL, mode="CMYK"),
        with_segment(COLOUR, ADOBE, adobe(0)),
        with_segment(GREY, 0xC8, b"reserved"),
        with_segment(GREY, 0xDB, bytes(64)),
        with_segment(GREY, 0xC4, bytes([0x00, 3, *bytes(15), 1, 2, 3])),
        GREY.replace(b"\xff\xdb", b"\xff\xfe"),
    ],
    ids=[
        "empty",
        "start only",
        "no end",
        "half",
        "more behind the end",
        "two pictures",
        "not a JPEG",
        "progressive",
        "four channels",
        "RGB by its Adobe segment",
        "unknown segment",
        "short quantisation table",
        "more codes than bits can tell apart",
        "no quantisation table",
    ],
)
def test_anything_else_is_not_passed_on(jpeg: bytes) -> None:
    assert plain_jpeg(jpeg, SMALL, 1) is None
    assert plain_jpeg(jpeg, SMALL, 3) is None


def test_size_and_channels_must_be_those_that_the_document_says() -> None:
    assert plain_jpeg(GREY, (64, 48), 1) is None
    assert plain_jpeg(GREY, SMALL, 3) is None
    assert plain_jpeg(COLOUR, SMALL, 1) is None
    assert plain_jpeg(with_segment(COLOUR, ADOBE, adobe(1)), SMALL, 3) is not None


@given(st.integers(0, len(GREY) - 1), st.integers(0, 255))
def test_a_changed_byte_is_refused_or_leaves_a_head_that_says_the_same_size(at: int, byte: int) -> None:
    changed = plain_jpeg(GREY[:at] + bytes([byte]) + GREY[at + 1 :], SMALL, 1)
    assert changed is None or size_of(changed) == SMALL


@given(st.binary(max_size=300))
def test_no_bytes_raise(data: bytes) -> None:
    assert plain_jpeg(b"\xff\xd8" + data, SMALL, 1) is None
