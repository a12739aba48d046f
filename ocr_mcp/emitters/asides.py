"""What is not part of the text, as comments of Markdown."""

import re

from ocr_mcp.model.blocks import BlockLabel


def aside(label: BlockLabel, text: str) -> str:
    """What stands in the margin of a page, as a comment: it is no part of the text, and is not lost."""
    said = re.sub(r"-{2,}|[<>]", lambda found: {"<": "‹", ">": "›"}.get(found[0], "–"), " ".join(text.split()))
    return f"<!-- {label.value.removeprefix('page_')}: {said} -->"
