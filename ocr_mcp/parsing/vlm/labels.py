"""The words with which models name kinds of regions, compared with those that a family is known to use."""

import re
from collections.abc import Mapping

from ocr_mcp.model.blocks import BlockLabel

PAGE_NUMBER = re.compile(
    r"\W{0,3}(?:(?:page|seite|p\.?)\s*)?(?:\d{1,3}[-–]\d{1,4}|\d{1,4}|[ivxlc]{1,6})(?:\s*(?:/|of|von|de)\s*\d{1,4})?\W{0,3}",
    re.IGNORECASE,
)
"""A line that says which page this is, and nothing else."""

_LABEL_SHAPE = re.compile(r"[a-z]{3,20}(?:_[a-z]{1,20}){0,3}")


def normalize_label(label: str) -> str:
    """Return the label as the labels of a family are spelled: lower case, with `_` between words."""
    return label.strip().lower().replace(" ", "_").replace("-", "_")


def known_label(label: str, labels: Mapping[str, BlockLabel]) -> BlockLabel | None:
    """Return the meaning of a label, None for one that the family is not known to use."""
    return labels.get(normalize_label(label))


def is_label_shaped(label: str) -> bool:
    """Return True if an unknown word is spelled as labels are: lower case words joined by `_`."""
    return _LABEL_SHAPE.fullmatch(label.strip()) is not None
