"""Cuts a grounded answer into regions at its region headers.

Headers have two spellings, which one answer may mix:

    tagged   <|ref|>LABEL<|/ref|><|det|>[[x1, y1, x2, y2]]<|/det|>     Ollama before 0.30, vLLM, retagged models
    bare     LABEL[[x1, y1, x2, y2]]                                   Ollama 0.30 and later, which drops the tags

A header may hold several boxes. A region's content runs to the next header, not to the end of the line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ocr_mcp.parsing.vlm.labels import is_label_shaped, known

_TAGGED = re.compile(
    r"<\|ref\|>(?P<label>(?:(?!<\|)[\s\S]){0,4000})<\|/ref\|>\s{0,4}"
    r"<\|det\|>(?P<boxes>[\[\]\d\s,.+-]{0,8000})<\|/det\|>"
)
_BARE = re.compile(r"^[ \t]*(?P<label>[a-z][a-z_]{2,40})(?P<boxes>\[\[[\d, \t\[\]]{0,8000}\]\])", re.MULTILINE)
_WELL_FORMED = re.compile(
    r"\[\s*\[(?:\s*\d{1,4}\s*,){3}\s*\d{1,4}\s*\](?:\s*,\s*\[(?:\s*\d{1,4}\s*,){3}\s*\d{1,4}\s*\])*\s*\]"
)
_CUT_TAGGED = re.compile(
    r"<\|ref\|>(?P<label>(?:(?!<\|)[\s\S]){0,4000})"
    r"(?:<\|/ref\|>\s*(?:<\|det\|>[\[\]\d\s,.+-]*)?)?(?:<\|?/?[a-z]{0,4}\|?)?\Z"
)
_CUT_BARE = re.compile(r"^[ \t]*(?P<label>[a-z][a-z_]{2,40})\[\[?[\d,\s\[\]]*\Z", re.MULTILINE)
_STRAY = re.compile(r"<\|/?(?:ref|det|grounding)\|>|<[|｜]end[▁_]of[▁_]sentence[|｜]>|<\|/?(?:ref|det|grounding)?\Z")


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


def cut_at_headers(text: str) -> CutAnswer:
    """Split an answer at its headers. Text before the first becomes a region without boxes."""
    headers = _headers(text)
    body_end, half_header = _half_header(text, headers[-1].end if headers else 0)
    regions = [Region("", None, text[: headers[0].start if headers else body_end])]
    ends = [header.start for header in headers[1:]] + [body_end]
    for header, end in zip(headers, ends, strict=False):
        regions.append(Region(header.label.strip(), header.boxes, text[header.end : end]))
    kept = (region for region in regions if region.boxes is not None or region.content.strip())
    return CutAnswer(tuple(kept), half_header)


def without_stray_tags(region: Region) -> tuple[Region, bool]:
    """Return the region without left-over special tokens in its content, and True if there were any."""
    content = _STRAY.sub("", region.content)
    return replace(region, content=content), content != region.content


def _headers(text: str) -> list[_Header]:
    tagged = [_Header(m["label"], m["boxes"], m.start(), m.end()) for m in _TAGGED.finditer(text)]
    taken = [(header.start, header.end) for header in tagged]
    bare = [header for header in _bare_headers(text) if not any(a < header.end and header.start < b for a, b in taken)]
    return sorted(tagged + bare, key=lambda header: header.start)


def _bare_headers(text: str) -> Iterator[_Header]:
    for match in _BARE.finditer(text):
        line_end = text.find("\n", match.end())
        alone = not text[match.end() : line_end if line_end >= 0 else len(text)].strip()
        if _is_bare_header(match["label"], match["boxes"], alone=alone):
            yield _Header(match["label"], match["boxes"], match.start(), match.end())


def _is_bare_header(label: str, boxes: str, *, alone: bool) -> bool:
    """Return True for a bare header: a known label may be followed by text on its line, any other must stand alone."""
    well_formed = _WELL_FORMED.fullmatch(boxes) is not None
    if known(label) is not None:
        return well_formed or alone
    return well_formed and alone and is_label_shaped(label)


def _half_header(text: str, start: int) -> tuple[int, str | None]:
    """Return where the last region ends, and the label of an unfinished header behind it, None without one."""
    match = _CUT_TAGGED.search(text, start)
    if match is None:
        match = _CUT_BARE.search(text, start)
        if match is None or known(match["label"]) is None:
            return len(text), None
    return match.start(), match["label"].strip()
