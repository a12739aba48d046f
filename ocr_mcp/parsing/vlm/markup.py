"""HTML as the models write it: unclosed, half cut, and with `<` in the middle of prose. The only user of lxml."""

import re
from collections.abc import Iterator
from typing import Protocol, cast

from lxml import etree as _untyped  # pyright: ignore -- lxml ships neither types nor stubs

MAX_HTML_CHARACTERS = 1_000_000
"""More than a hundred times the longest answer."""

_TAGS = (
    "table|caption|thead|tbody|tfoot|tr|td|th|colgroup|col|br|hr|p|div|span|center|b|i|u|s|em|strong|small|big|sub|sup"
    "|ul|ol|li|a|img|h[1-6]|font|code|pre|mark|del|ins"
)
TAG = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]*)?/?>", re.IGNORECASE)
"""A tag that is treated as one. Any other `<` is a character that the model wrote."""

_CUT_TAG = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]*)?\Z", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDING = frozenset({"p", "div", "li", "tr", "br", "h1", "h2", "h3", "h4", "h5", "h6", "table"})
_KEPT = frozenset({"sub", "sup"})


class Element(Protocol):
    """What is used of an lxml element."""

    tag: object
    text: str | None
    tail: str | None

    def get(self, key: str) -> str | None:
        """An attribute's value."""
        ...

    def __iter__(self) -> Iterator["Element"]: ...


class _Etree(Protocol):
    LxmlError: type[Exception]

    def HTMLParser(self, *, recover: bool, no_network: bool) -> object: ...  # noqa: N802 -- lxml's name

    def fromstring(self, text: str, parser: object) -> Element | None: ...


_etree = cast("_Etree", _untyped)


def parse_fragment(html: str) -> Element | None:
    """The root around a piece of HTML; None if there is nothing in it, or too much."""
    if len(html) > MAX_HTML_CHARACTERS:
        return None
    parser = _etree.HTMLParser(recover=True, no_network=True)
    try:
        return _etree.fromstring(f"<div>{guard_prose(html)}</div>", parser)
    except _etree.LxmlError:
        return None


def guard_prose(html: str) -> str:
    """The HTML with every `<` that begins no tag escaped, so that `p <0.05` and `a<b` stay text."""
    html = _CUT_TAG.sub("", _CONTROL.sub("", html))
    parts: list[str] = []
    end = 0
    for match in TAG.finditer(html):
        parts += [html[end : match.start()].replace("<", "&lt;"), match[0]]
        end = match.end()
    return "".join([*parts, html[end:].replace("<", "&lt;")])


def tag_of(element: Element) -> str:
    """The tag in lower case; empty for a comment."""
    return element.tag.lower() if isinstance(element.tag, str) else ""


def inline_text(element: Element) -> str:
    """All text under an element, lines where HTML would break them; `<sub>` and `<sup>` stay, they carry meaning."""
    lines = "".join(_pieces(element)).split("\n")
    return "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)


def _pieces(element: Element) -> Iterator[str]:
    yield _flat(element.text)
    for child in element:
        tag = tag_of(child)
        kept, breaks = tag in _KEPT, tag in _LINE_ENDING
        yield f"<{tag}>" if kept else "\n" if breaks else " " if tag in ("td", "th") else ""
        yield from _pieces(child)
        yield f"</{tag}>" if kept else "\n" if breaks else ""
        yield _flat(child.tail)


def _flat(text: str | None) -> str:
    return (text or "").replace("\n", " ")
