"""Cuts a grounded answer into regions at its region headers.

Headers come in two spellings, which one answer may mix: tagged, with the label and the boxes each between special
tokens of the family (`RegionTags`), as Ollama before 0.30, vLLM and retagged models give them; and bare, as
`LABEL[[x1, y1, x2, y2]]`, from Ollama 0.30 and later, which drops the tags. A region's content runs to the next header.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ocr_mcp.families.base import AnswerSyntax
from ocr_mcp.model.blocks import BlockLabel
from ocr_mcp.parsing.vlm.labels import is_label_shaped, known_label
from ocr_mcp.parsing.vlm.tags import TagPatterns, tag_patterns

_BARE = re.compile(r"^[ \t]*(?P<label>[a-z][a-z_]{2,40})(?P<boxes>\[\[[\d, \t\[\]]{0,8000}\]\])", re.MULTILINE)
_WELL_FORMED = re.compile(
    r"\[\s*\[(?:\s*\d{1,4}\s*,){3}\s*\d{1,4}\s*\](?:\s*,\s*\[(?:\s*\d{1,4}\s*,){3}\s*\d{1,4}\s*\])*\s*\]"
)
_CUT_BARE = re.compile(r"^[ \t]*(?P<label>[a-z][a-z_]{2,40})\[\[?[\d,\s\[\]]*\Z", re.MULTILINE)


@dataclass(frozen=True)
class Region:
    """A header and the content up to the next one. `label` and `boxes` are as written.

    `boxes` is None, and `label` empty, for text before the first header.
    """

    label: str
    boxes: str | None
    content: str


@dataclass(frozen=True)
class CutAnswer:
    """The regions of an answer. `half_header` is the label in an unfinished header at its end, None without one."""

    regions: tuple[Region, ...]
    half_header: str | None = None


@dataclass(frozen=True)
class _Header:
    label: str
    boxes: str
    start: int
    end: int


def cut_at_headers(text: str, syntax: AnswerSyntax) -> CutAnswer:
    """Split an answer at its headers. Text before the first is a region with an empty label."""
    headers = _headers(text, syntax)
    body_end, half_header = _half_header(text, headers[-1].end if headers else 0, syntax)
    regions = [Region("", None, text[: headers[0].start if headers else body_end])]
    ends = [header.start for header in headers[1:]] + [body_end]
    for header, end in zip(headers, ends, strict=False):
        regions.append(Region(header.label.strip(), header.boxes, text[header.end : end]))
    kept = (region for region in regions if region.boxes is not None or region.content.strip())
    return CutAnswer(tuple(kept), half_header)


def without_stray_tags(region: Region, syntax: AnswerSyntax) -> tuple[Region, bool]:
    """Take left-over special tokens out of a region's content, and return True with it if there were any."""
    content = _patterns(syntax).stray.sub("", region.content)
    return replace(region, content=content), content != region.content


def _patterns(syntax: AnswerSyntax) -> TagPatterns:
    return tag_patterns(syntax.tags, syntax.end_token)


def _headers(text: str, syntax: AnswerSyntax) -> list[_Header]:
    tagged = [_Header(m["label"], m["boxes"], m.start(), m.end()) for m in _patterns(syntax).header.finditer(text)]
    taken = [(header.start, header.end) for header in tagged]
    bare = [
        header
        for header in _bare_headers(text, syntax.labels)
        if not any(a < header.end and header.start < b for a, b in taken)
    ]
    return sorted(tagged + bare, key=lambda header: header.start)


def _bare_headers(text: str, labels: Mapping[str, BlockLabel]) -> Iterator[_Header]:
    for match in _BARE.finditer(text):
        line_end = text.find("\n", match.end())
        alone = not text[match.end() : line_end if line_end >= 0 else len(text)].strip()
        if _is_bare_header(match["label"], match["boxes"], labels, alone=alone):
            yield _Header(match["label"], match["boxes"], match.start(), match.end())


def _is_bare_header(label: str, boxes: str, labels: Mapping[str, BlockLabel], *, alone: bool) -> bool:
    """A label that is known may be followed by its text on the line; anything less certain must stand alone."""
    well_formed = _WELL_FORMED.fullmatch(boxes) is not None
    if known_label(label, labels) is not None:
        return well_formed or alone
    return well_formed and alone and is_label_shaped(label)


def _half_header(text: str, start: int, syntax: AnswerSyntax) -> tuple[int, str | None]:
    """Return the index at which the last region ends, and the label of a header that the answer broke off in."""
    match = _patterns(syntax).half_header.search(text, start)
    if match is None:
        match = _CUT_BARE.search(text, start)
        if match is None or known_label(match["label"], syntax.labels) is None:
            return len(text), None
    return match.start(), match["label"].strip()
