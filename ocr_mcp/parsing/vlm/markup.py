"""Parses HTML as the models write it: unclosed, cut in half, and with `<` in the middle of prose.

This is the only module that uses lxml.
"""

import re
from collections.abc import Iterator
from typing import Protocol, cast

from lxml import etree as _untyped  # pyright: ignore -- lxml ships neither types nor stubs

MAX_HTML_CHARACTERS = 1_000_000
"""Length above which HTML is not parsed: more than a hundred times the longest answer."""

_TAG_NAMES = (
    "table|caption|thead|tbody|tfoot|tr|td|th|colgroup|col|br|hr|p|div|span|center|b|i|u|s|em|strong|small|big|sub|sup"
    "|ul|ol|li|a|img|h[1-6]|font|code|pre|mark|del|ins"
)
_TAG = re.compile(rf"</?(?:{_TAG_NAMES})(?:\s[^<>]*)?/?>", re.IGNORECASE)
"""The tags that are treated as tags. Any other `<` is a character of the text."""

_CUT_TAG = re.compile(rf"</?(?:{_TAG_NAMES})(?:\s[^<>]*)?\Z", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDING_TAGS = frozenset({"p", "div", "li", "tr", "br", "h1", "h2", "h3", "h4", "h5", "h6", "table"})
_KEPT_TAGS = frozenset({"sub", "sup"})


class Element(Protocol):
    """The part of an lxml element that is used here."""

    tag: object
    text: str | None
    tail: str | None

    def get(self, key: str) -> str | None:
        """Return an attribute's value, None without the attribute."""
        ...

    def __iter__(self) -> Iterator["Element"]: ...


class _Etree(Protocol):
    LxmlError: type[Exception]

    def HTMLParser(self, *, recover: bool, no_network: bool) -> object: ...  # noqa: N802 -- lxml's name

    def fromstring(self, text: str, parser: object) -> Element | None: ...


_etree = cast("_Etree", _untyped)


def parse_fragment(html: str) -> Element | None:
    """Parse a piece of HTML and return an element around it; None if it is empty or too long."""
    if len(html) > MAX_HTML_CHARACTERS:
        return None
    parser = _etree.HTMLParser(recover=True, no_network=True)
    try:
        return _etree.fromstring(f"<div>{_escape_prose(html)}</div>", parser)
    except _etree.LxmlError:
        return None


def _escape_prose(html: str) -> str:
    """Escape every `<` that begins no tag, so that `p <0.05` and `a<b` stay text.

    Control characters and a tag that is cut off at the end are removed.
    """
    html = _CUT_TAG.sub("", _CONTROL.sub("", html))
    parts: list[str] = []
    end = 0
    for match in _TAG.finditer(html):
        parts += [html[end : match.start()].replace("<", "&lt;"), match[0]]
        end = match.end()
    return "".join([*parts, html[end:].replace("<", "&lt;")])


def tag_of(element: Element) -> str:
    """Return an element's tag in lower case; empty for a comment."""
    return element.tag.lower() if isinstance(element.tag, str) else ""


def inline_text(element: Element) -> str:
    """Return all text under an element, with line breaks where HTML has them.

    The tags `<sub>` and `<sup>` stay in it, because they carry meaning.
    """
    lines = "".join(_inline_pieces(element)).split("\n")
    return "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)


def _inline_pieces(element: Element) -> Iterator[str]:
    yield _flat(element.text)
    for child in element:
        tag = tag_of(child)
        kept, breaks = tag in _KEPT_TAGS, tag in _LINE_ENDING_TAGS
        yield f"<{tag}>" if kept else "\n" if breaks else " " if tag in ("td", "th") else ""
        yield from _inline_pieces(child)
        yield f"</{tag}>" if kept else "\n" if breaks else ""
        yield _flat(child.tail)


def _flat(text: str | None) -> str:
    return (text or "").replace("\n", " ")
