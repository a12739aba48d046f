"""Taking the invisible text of an earlier OCR run out of a page's drawing instructions.

The instructions are copied byte for byte, but for the operators that show text while the rendering mode is 3, invisible
(ISO 32000-1, 9.3.6). What moves the place of the next line is kept.
"""

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    rb"""
      [\0\t\n\f\r ]+
    | %[^\r\n]*
    | <<|>>|<[0-9A-Fa-f\0\t\n\f\r ]*>
    | /[^\0\t\n\f\r ()<>\[\]{}/%]*
    | [\[\]{}]
    | [^\0\t\n\f\r ()<>\[\]{}/%]+
    | .
    """,
    re.VERBOSE | re.DOTALL,
)
_IN_STRING = re.compile(rb"\\.|[()]", re.DOTALL)
_INLINE_PICTURE = re.compile(rb"[\0\t\n\f\r ]EI(?=[\0\t\n\f\r ]|\Z)")
_SETS_INVISIBLE = re.compile(rb"3[\0\t\n\f\r ]+Tr(?![A-Za-z])")
_SHOWS = {b"Tj": b"", b"TJ": b"", b"'": b" T*", b'"': b" T*"}
_INVISIBLE = b"3"

Instruction = tuple[list[bytes], bytes]
"""Everything before an operator, white space included, and the operator; the last one may be empty."""


def without_invisible_text(content: bytes) -> bytes:
    """The same instructions, showing no invisible text."""
    if not _SETS_INVISIBLE.search(content):
        return content
    kept: list[bytes] = []
    mode, saved = b"0", list[bytes]()
    for operands, operator in _instructions(content):
        match operator:
            case b"q":
                saved.append(mode)
            case b"Q":
                mode = saved.pop() if saved else mode
            case b"Tr":
                mode = _last_operand(operands)
            case b"Tj" | b"TJ" | b"'" | b'"' if mode == _INVISIBLE:
                kept.append(_spacing(operands, operator) + _SHOWS[operator])
                continue
            case _:
                pass
        kept += [*operands, operator]
    return b"".join(kept)


def _instructions(content: bytes) -> Iterator[Instruction]:
    operands: list[bytes] = []
    position = 0
    while position < len(content):
        start, position = position, _token_end(content, position)
        token = content[start:position]
        if not _is_operator(token):
            operands.append(token)
            continue
        if token == b"ID":
            end = _INLINE_PICTURE.search(content, position)
            position = end.end() if end else len(content)
            token = content[start:position]
        yield operands, token
        operands = []
    yield operands, b""


def _token_end(content: bytes, start: int) -> int:
    if content[start : start + 1] == b"(":
        return _string_end(content, start)
    match = _TOKEN.match(content, start)
    assert match is not None  # noqa: S101  the last alternative takes anything
    return match.end()


def _string_end(content: bytes, start: int) -> int:
    """Brackets in a string are balanced or behind a backslash."""
    depth = 0
    for match in _IN_STRING.finditer(content, start):
        depth += {b"(": 1, b")": -1}.get(match[0], 0)
        if depth == 0:
            return match.end()
    return len(content)


def _is_operator(token: bytes) -> bool:
    return (token[:1].isalpha() and token not in {b"true", b"false", b"null"}) or token in {b"'", b'"'}


def _last_operand(operands: list[bytes]) -> bytes:
    return next((token for token in reversed(operands) if token.strip()), b"")


def _spacing(operands: list[bytes], operator: bytes) -> bytes:
    """`"` also sets the spacing of words and characters."""
    values = [token for token in operands if token.strip()]
    if operator != b'"' or len(values) < 3:
        return b""
    return b" " + values[0] + b" Tw " + values[1] + b" Tc"
