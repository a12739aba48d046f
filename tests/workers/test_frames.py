"""Frames on the wire."""

import io

import pytest

from ocr_mcp.workers.frames import FrameError, Header, encode_prefix, read_frame


def encode_frame(header: Header, payload: bytes = b"") -> bytes:
    return encode_prefix(header, len(payload)) + payload


def test_a_frame_is_read_as_it_was_written() -> None:
    stream = io.BytesIO(encode_frame({"name": "r\u00e9sum\u00e9 \udcff"}, b"\x00\xff") + encode_frame({}))
    assert read_frame(stream) == ({"name": "r\u00e9sum\u00e9 \udcff"}, b"\x00\xff")
    assert read_frame(stream) == ({}, b"")
    assert read_frame(stream) is None


@pytest.mark.parametrize("cut", [1, 11, 12, 14, -1])
def test_a_frame_that_is_cut_short_is_an_error(cut: int) -> None:
    with pytest.raises(FrameError, match="cut short"):
        read_frame(io.BytesIO(encode_frame({"a": 1}, b"payload")[:cut]))


def test_a_length_over_the_limit_is_refused_before_it_is_allocated() -> None:
    with pytest.raises(FrameError, match="limit"):
        read_frame(io.BytesIO(b"\xff" * 12))


@pytest.mark.parametrize("header", [b"[1]", b"nope"])
def test_a_header_that_is_no_json_object_is_an_error(header: bytes) -> None:
    with pytest.raises(FrameError, match="JSON"):
        read_frame(io.BytesIO(len(header).to_bytes(4, "big") + bytes(8) + header))
