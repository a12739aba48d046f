"""The words that DeepSeek-OCR and its relatives use for regions, and what they are in our terms.

The set is what was seen, not a closed one (`ollama-deepseek-ocr.md`, "Grounded output").
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from ocr_mcp.model.blocks import BlockLabel

LABELS: Mapping[str, BlockLabel] = MappingProxyType(
    {
        "title": BlockLabel.TITLE,
        "sub_title": BlockLabel.SECTION_HEADER,
        "subtitle": BlockLabel.SECTION_HEADER,
        "section_header": BlockLabel.SECTION_HEADER,
        "text": BlockLabel.TEXT,
        "paragraph": BlockLabel.TEXT,
        "list": BlockLabel.LIST_ITEM,
        "list_item": BlockLabel.LIST_ITEM,
        "table": BlockLabel.TABLE,
        "table_caption": BlockLabel.CAPTION,
        "image_caption": BlockLabel.CAPTION,
        "figure_caption": BlockLabel.CAPTION,
        "chart_caption": BlockLabel.CAPTION,
        "caption": BlockLabel.CAPTION,
        "table_footnote": BlockLabel.FOOTNOTE,
        "image_footnote": BlockLabel.FOOTNOTE,
        "footnote": BlockLabel.FOOTNOTE,
        "image": BlockLabel.PICTURE,
        "figure": BlockLabel.PICTURE,
        "picture": BlockLabel.PICTURE,
        "chart": BlockLabel.CHART,
        "equation": BlockLabel.FORMULA,
        "formula": BlockLabel.FORMULA,
        "header": BlockLabel.PAGE_HEADER,
        "page_header": BlockLabel.PAGE_HEADER,
        "footer": BlockLabel.PAGE_FOOTER,
        "page_footer": BlockLabel.PAGE_FOOTER,
        "page_number": BlockLabel.PAGE_FOOTER,
        "code": BlockLabel.CODE,
    }
)

PAGE_NUMBER = re.compile(
    r"\W{0,3}(?:(?:page|seite|p\.?)\s*)?(?:\d{1,3}[-–]\d{1,4}|\d{1,4}|[ivxlc]{1,6})(?:\s*(?:/|of|von|de)\s*\d{1,4})?\W{0,3}",
    re.IGNORECASE,
)
"""A line that says which page this is, and nothing else."""

_LABEL_SHAPE = re.compile(r"[a-z]{3,20}(?:_[a-z]{1,20}){0,3}")


def normalised(label: str) -> str:
    """The label as it is spelled in `LABELS`."""
    return label.strip().lower().replace(" ", "_").replace("-", "_")


def known(label: str) -> BlockLabel | None:
    """What a label means, None for one never seen."""
    return LABELS.get(normalised(label))


def is_label_shaped(label: str) -> bool:
    """Whether a word never seen is spelled as labels are: lower case words joined by `_`."""
    return _LABEL_SHAPE.fullmatch(label.strip()) is not None
