"""Writes a document as one HTML file: each page's picture with its boxes, beside the page's text.

The file needs no network, and its policy permits none (`viewer_assets.py`). With scripts switched off it is
still a page to scroll through, whose boxes and texts link to each other.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from ocr_mcp.emitters.html_blocks import block_to_html, excerpt_block, is_doubtful
from ocr_mcp.emitters.markdown import FIGURES, failure_notice
from ocr_mcp.emitters.opinions import opinion_summary
from ocr_mcp.emitters.streams import DocumentHeader
from ocr_mcp.emitters.viewer_assets import POLICY, SCRIPT, STYLE
from ocr_mcp.model.blocks import Block
from ocr_mcp.model.documents import Page, PageFailure, PageOrigin
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.second_opinions import Difference, DifferenceKind


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page as a JPEG picture: the bytes of the file, and its size in pixels."""

    data: bytes
    width_px: int
    height_px: int


class HtmlStream:
    """Writes the viewer page by page. A page without a picture shows its text alone."""

    def __init__(self) -> None:
        self._numbers: list[int] = []

    def begin(self, header: DocumentHeader) -> str:
        """Return the head with policy and style, and the bar at the top."""
        name = escape(header.source)
        pages = "1 page" if header.total_pages == 1 else f"{header.total_pages} pages"
        return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
<style>{STYLE}</style>
</head>
<body>
<a class="skip" href="#pages">Skip to the pages</a>
<header class="bar"><h1>{name}</h1><p>{pages}</p>
<div class="paging" role="group" aria-label="Paging" hidden><button type="button" title="Left arrow">Back</button>\
<output></output><button type="button" title="Right arrow">Next</button></div></header>
<main id="pages" tabindex="-1">
"""

    def page(self, result: Page | PageFailure, picture: PagePicture | None = None) -> str:
        """Return a section with the page's picture and text."""
        number = result.number
        self._numbers.append(number)
        body = _failure_to_html(result, picture) if isinstance(result, PageFailure) else _page_to_html(result, picture)
        return (
            f'<section class="page" id="page-{number}" data-number="{number}" aria-labelledby="h-{number}"'
            ' tabindex="-1">\n'
            f'<h2 id="h-{number}">Page {number}</h2>\n{body}</section>\n'
        )

    def end(self, warnings: tuple[str, ...]) -> str:
        """Return warnings, links to the pages, and the script."""
        links = "".join(f'<li><a href="#page-{number}">{number}</a></li>' for number in self._numbers)
        said = "".join(f"<p>{escape(warning)}</p>" for warning in warnings)
        return (
            f'</main>\n<footer class="end">{said}<nav aria-label="Pages"><ol>{links}</ol></nav>'
            "<p>Keys: left and right for pages, Home and End for the first and the last.</p></footer>\n"
            f"<script>{SCRIPT}</script>\n</body>\n</html>\n"
        )


def _page_to_html(page: Page, picture: PagePicture | None) -> str:
    blocks, figures = "", 0
    for index, block in enumerate(page.blocks, 1):
        figures += block.label in FIGURES
        differences = [each for each in _differences(page) if each.block == index - 1]
        blocks += block_to_html(
            block, page_number=page.number, index=index, figure_number=figures, differences=differences
        )
    messages = [issue.message for issue in page.issues]
    messages += [opinion_summary(page) or ""] if _differences(page) else []
    blocks += _omitted_list(page)
    words = blocks or '<p class="empty">No text on this page.</p>\n'
    return _origin(page) + _issue_list(messages) + _two_columns(
        _picture_with_boxes(picture, page.number, _box_overlay(page)), words
    )  # fmt: skip


def _failure_to_html(failure: PageFailure, picture: PagePicture | None) -> str:
    notice = failure_notice(failure).removeprefix("> ")
    words = '<p class="empty">There is no text for this page.</p>\n'
    return _issue_list([notice]) + _two_columns(_picture_with_boxes(picture, failure.number, ""), words)


def _origin(page: Page) -> str:
    if page.origin is PageOrigin.TEXT_LAYER:
        said = "from the PDF’s own text"
    else:
        identity = page.reading.identity if page.reading else None
        said = f"read by {identity.engine} ({identity.model})" if identity else "read from its picture"
    opinion = opinion_summary(page)
    said += f". {opinion}" if opinion and not _differences(page) else ""
    return f'<p class="origin">{escape(said)}</p>\n'


def _issue_list(messages: list[str]) -> str:
    if not messages:
        return ""
    items = "".join(f"<li>{escape(message)}</li>" for message in messages)
    return f'<ul class="notes" aria-label="Issues">{items}</ul>\n'


def _two_columns(sheet: str, words: str) -> str:
    return f'<div class="sides">\n<div class="picture">{sheet}</div>\n<div class="words">\n{words}</div>\n</div>\n'


def _picture_with_boxes(picture: PagePicture | None, number: int, boxes: str) -> str:
    if picture is None:
        return '<p class="empty">No picture of this page.</p>'
    data = base64.b64encode(picture.data).decode("ascii")
    return (
        f'<div class="sheet"><img src="data:image/jpeg;base64,{data}" alt="Page {number} as a picture"'
        f' width="{picture.width_px}" height="{picture.height_px}">{boxes}</div>'
    )


def _box_overlay(page: Page) -> str:
    """Return an SVG with the blocks' boxes, in page units, to lie over the picture.

    It is hidden from screen readers, to which it would say the text a second time.
    """
    drawn = "".join(
        _block_boxes(block, page.number, index) for index, block in enumerate(page.blocks, 1) if block.boxes
    )
    drawn += "".join(f'<g class="differs">{"".join(map(_rect, each.boxes))}</g>' for each in _marked_on_picture(page))
    size = f"{page.size.width:g} {page.size.height:g}"
    return f'<svg viewBox="0 0 {size}" preserveAspectRatio="none" aria-hidden="true">{drawn}</svg>'


def _differences(page: Page) -> tuple[Difference, ...]:
    return page.second_opinion.differences if page.second_opinion else ()


def _marked_on_picture(page: Page) -> Iterator[Difference]:
    """Yield the differences that are marked on the picture: all but passages that were not found on the page."""
    return (each for each in _differences(page) if each.kind is not DifferenceKind.INVENTED)


def _omitted_list(page: Page) -> str:
    """Return a list of what the second reading found on the page and the text does not have."""
    found = [each.seen for each in _differences(page) if each.kind is DifferenceKind.OMITTED]
    items = "".join(f'<li dir="auto" lang="">{escape(seen)}</li>' for seen in found)
    return f'<div class="missing"><p>Only in the second reading:</p><ul>{items}</ul></div>\n' if found else ""


def _block_boxes(block: Block, number: int, index: int) -> str:
    place = f"{number}-{index}"
    rects = "".join(map(_rect, block.boxes))
    low = " low" if is_doubtful(block) else ""
    return (
        f'<a href="#t-{place}" tabindex="-1"><g class="box{low}" id="b-{place}" data-of="{place}">'
        f"<title>{excerpt_block(block)}</title>{rects}</g></a>"
    )


def _rect(box: BoundingBox) -> str:
    return f'<rect x="{box.left:.2f}" y="{box.top:.2f}" width="{box.width:.2f}" height="{box.height:.2f}"/>'
