"""Documents as one HTML file: each page's picture with its boxes, beside its text.

The file needs no network, and its policy permits none; see `viewer_assets`. Without its script it is a page to scroll
through, whose boxes and texts are links to each other.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from ocr_mcp.emitters.html_blocks import block_to_html, excerpt_of, is_doubtful
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
    """A page as a JPEG picture."""

    data: bytes
    width_px: int
    height_px: int


class HtmlStream:
    """A document's pages one by one. Give each its picture, where there is one."""

    def __init__(self) -> None:
        self._numbers: list[int] = []

    def begin(self, header: DocumentHeader) -> str:
        """Style, policy and the bar at the top."""
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
        """A section with the page's picture and text."""
        number = result.number
        self._numbers.append(number)
        body = _failure(result, picture) if isinstance(result, PageFailure) else _page(result, picture)
        return (
            f'<section class="page" id="page-{number}" data-number="{number}" aria-labelledby="h-{number}"'
            ' tabindex="-1">\n'
            f'<h2 id="h-{number}">Page {number}</h2>\n{body}</section>\n'
        )

    def end(self, warnings: tuple[str, ...]) -> str:
        """Warnings, links to the pages, and the script."""
        links = "".join(f'<li><a href="#page-{number}">{number}</a></li>' for number in self._numbers)
        said = "".join(f"<p>{escape(warning)}</p>" for warning in warnings)
        return (
            f'</main>\n<footer class="end">{said}<nav aria-label="Pages"><ol>{links}</ol></nav>'
            "<p>Keys: left and right for pages, Home and End for the first and the last.</p></footer>\n"
            f"<script>{SCRIPT}</script>\n</body>\n</html>\n"
        )


def _page(page: Page, picture: PagePicture | None) -> str:
    blocks, figures = "", 0
    for index, block in enumerate(page.blocks, 1):
        figures += block.label in FIGURES
        differences = [each for each in _differences(page) if each.block == index - 1]
        blocks += block_to_html(
            block, page_number=page.number, index=index, figure_number=figures, differences=differences
        )
    messages = [issue.message for issue in page.issues]
    messages += [opinion_summary(page) or ""] if _differences(page) else []
    blocks += _missing(page)
    words = blocks or '<p class="empty">No text on this page.</p>\n'
    return _origin(page) + _notes(messages) + _sides(
        _sheet(picture, page.number, _boxes(page)), words
    )  # fmt: skip


def _failure(failure: PageFailure, picture: PagePicture | None) -> str:
    notice = failure_notice(failure).removeprefix("> ")
    words = '<p class="empty">There is no text for this page.</p>\n'
    return _notes([notice]) + _sides(_sheet(picture, failure.number, ""), words)


def _origin(page: Page) -> str:
    if page.origin is PageOrigin.TEXT_LAYER:
        said = "from the PDF’s own text"
    else:
        identity = page.reading.identity if page.reading else None
        said = f"read by {identity.engine} ({identity.model})" if identity else "read from its picture"
    opinion = opinion_summary(page)
    said += f". {opinion}" if opinion and not _differences(page) else ""
    return f'<p class="origin">{escape(said)}</p>\n'


def _notes(messages: list[str]) -> str:
    if not messages:
        return ""
    items = "".join(f"<li>{escape(message)}</li>" for message in messages)
    return f'<ul class="notes" aria-label="Issues">{items}</ul>\n'


def _sides(sheet: str, words: str) -> str:
    return f'<div class="sides">\n<div class="picture">{sheet}</div>\n<div class="words">\n{words}</div>\n</div>\n'


def _sheet(picture: PagePicture | None, number: int, boxes: str) -> str:
    if picture is None:
        return '<p class="empty">No picture of this page.</p>'
    data = base64.b64encode(picture.data).decode("ascii")
    return (
        f'<div class="sheet"><img src="data:image/jpeg;base64,{data}" alt="Page {number} as a picture"'
        f' width="{picture.width_px}" height="{picture.height_px}">{boxes}</div>'
    )


def _boxes(page: Page) -> str:
    """The boxes over the picture, in page units. To a screen reader they would say the text a second time."""
    drawn = "".join(_box(block, page.number, index) for index, block in enumerate(page.blocks, 1) if block.boxes)
    drawn += "".join(f'<g class="differs">{"".join(map(_rect, each.boxes))}</g>' for each in _placed(page))
    size = f"{page.size.width:g} {page.size.height:g}"
    return f'<svg viewBox="0 0 {size}" preserveAspectRatio="none" aria-hidden="true">{drawn}</svg>'


def _differences(page: Page) -> tuple[Difference, ...]:
    return page.second_opinion.differences if page.second_opinion else ()


def _placed(page: Page) -> Iterator[Difference]:
    """What is marked on the picture. A passage that is not on the page has no place there."""
    return (each for each in _differences(page) if each.kind is not DifferenceKind.INVENTED)


def _missing(page: Page) -> str:
    """What the second reading found on the page, and the text has nowhere."""
    found = [each.seen for each in _differences(page) if each.kind is DifferenceKind.OMITTED]
    items = "".join(f'<li dir="auto" lang="">{escape(seen)}</li>' for seen in found)
    return f'<div class="missing"><p>Only in the second reading:</p><ul>{items}</ul></div>\n' if found else ""


def _box(block: Block, number: int, index: int) -> str:
    place = f"{number}-{index}"
    rects = "".join(map(_rect, block.boxes))
    low = " low" if is_doubtful(block) else ""
    return (
        f'<a href="#t-{place}" tabindex="-1"><g class="box{low}" id="b-{place}" data-of="{place}">'
        f"<title>{excerpt_of(block)}</title>{rects}</g></a>"
    )


def _rect(box: BoundingBox) -> str:
    return f'<rect x="{box.left:.2f}" y="{box.top:.2f}" width="{box.width:.2f}" height="{box.height:.2f}"/>'
