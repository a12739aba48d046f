"""Taking an earlier OCR layer out of a page's instructions. ISO 32000-1, 9.3.6: rendering mode 3 is invisible."""

import pytest

from ocr_mcp.sources.pdf_writer.invisible_text import remove_invisible_text


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (b"BT 3 Tr 1 0 0 1 5 5 Tm (old) Tj ET", b"BT 3 Tr 1 0 0 1 5 5 Tm ET"),
        (b"BT 3 Tr [(o) -20 (ld)] TJ (next) ' ET", b"BT 3 Tr T* ET"),
        (b'BT 3 Tr 1 2 (old) " ET', b"BT 3 Tr 1 Tw 2 Tc T* ET"),
        (b"BT (seen) Tj 3 Tr (old) Tj 0 Tr (seen) Tj ET", b"BT (seen) Tj 3 Tr 0 Tr (seen) Tj ET"),
        (b"q 3 Tr BT (old) Tj ET Q BT (seen) Tj ET", b"q 3 Tr BT ET Q BT (seen) Tj ET"),
    ],
    ids=["shown", "shown in an array and on the next line", "with spacing", "between visible text", "until restored"],
)
def test_what_shows_text_invisibly_goes(content: bytes, kept: bytes) -> None:
    assert remove_invisible_text(content) == kept


@pytest.mark.parametrize(
    "content",
    [
        b"BT (3 Tr \\) Tj) Tj ET",
        b"BT (a (nested (3 Tr (b) Tj) string) c) Tj ET",
        b"BI /W 4 /H 1 /BPC 8 /CS /G ID 3 Tr (x) Tj EI Q",
        b"% 3 Tr\nBT (seen) Tj ET",
        b"<</A (3 Tr)>> BDC BT <0033> Tj ET EMC",
        b"",
    ],
    ids=["in a string", "in nested strings", "in an inline picture", "in a comment", "in a dictionary", "nothing"],
)
def test_what_only_looks_like_it_stays_to_the_byte(content: bytes) -> None:
    assert remove_invisible_text(content) == content


@pytest.mark.timeout(20)
@pytest.mark.parametrize("part", [b"(", b"<", b"[", b"BI ID ", b"3 Tr (\\", b"q ", b"\0"])
def test_hostile_instructions_take_linear_time(part: bytes) -> None:
    remove_invisible_text(b"3 Tr " + part * 200_000)
