"""Removes the invisible text of an earlier OCR run from a page's drawing instructions.

The instructions are copied byte for byte, except for the operators that show text while the rendering mode is 3, which
is invisible (ISO 32000-1, 9.3.6). Effects of these operators on the place of later text are kept.
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
_SIDE_EFFECTS_OF_SHOWING = {b"Tj": b"", b"TJ": b"", b"'": b" T*", b'"': b" T*"}
_INVISIBLE_MODE = b"3"

Instruction = tuple[list[bytes], bytes]
"""The tokens before an operator, white space included, and the operator.

The operator is empty for tokens at the end of the instructions.
"""


def remove_invisible_text(content: bytes) -> bytes:
    """Return the instructions without those that show invisible text."""
    if not _SETS_INVISIBLE.search(content):
        return content
    kept: list[bytes] = []
    mode, saved = b"0", list[bytes]()
    for operands, operator in _split_instructions(content):
        match operator:
            case b"q":
                saved.append(mode)
            case b"Q":
                mode = saved.pop() if saved else mode
            case b"Tr":
                mode = _find_last_operand(operands)
            case b"Tj" | b"TJ" | b"'" | b'"' if mode == _INVISIBLE_MODE:
                kept.append(_keep_spacing(operands, operator) + _SIDE_EFFECTS_OF_SHOWING[operator])
                continue
            case _:
                pass
        kept += [*operands, operator]
    return b"".join(kept)


def _split_instructions(content: bytes) -> Iterator[Instruction]:
    operands: list[bytes] = []
    position = 0
    while position < len(content):
        start, position = position, _find_token_end(content, position)
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


def _find_token_end(content: bytes, start: int) -> int:
    if content[start : start + 1] == b"(":
        return _find_string_end(content, start)
    match = _TOKEN.match(content, start)
    assert match is not None  # noqa: S101  the last alternative of the pattern matches any byte
    return match.end()


def _find_string_end(content: bytes, start: int) -> int:
    """Return the index after the string that opens at `start`.

    Brackets inside a string are balanced or escaped with a backslash (ISO 32000-1, 7.3.4.2).
    """
    depth = 0
    for match in _IN_STRING.finditer(content, start):
        depth += {b"(": 1, b")": -1}.get(match[0], 0)
        if depth == 0:
            return match.end()
    return len(content)


def _is_operator(token: bytes) -> bool:
    return (token[:1].isalpha() and token not in {b"true", b"false", b"null"}) or token in {b"'", b'"'}


def _find_last_operand(operands: list[bytes]) -> bytes:
    return next((token for token in reversed(operands) if token.strip()), b"")


def _keep_spacing(operands: list[bytes], operator: bytes) -> bytes:
    """Return the operators that keep the word and character spacing which the operator `"` also sets; else nothing."""
    values = [token for token in operands if token.strip()]
    if operator != b'"' or len(values) < 3:
        return b""
    return b" " + values[0] + b" Tw " + values[1] + b" Tc"
