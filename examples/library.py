"""Reads a document from Python and prints its Markdown.

    python examples/library.py [SOURCE]

SOURCE is `examples/invoice.pdf` unless named. Each page is printed as soon as it is ready; those that could not be read
say why on stderr.
"""

import asyncio
import sys
from pathlib import Path

from ocr_mcp import OcrError, PageFailure, Reader, to_markdown

INVOICE = Path(__file__).with_name("invoice.pdf")


async def print_pages(source: Path | str) -> int:
    """Print the pages of `source`; return the exit code."""
    failed = 0
    async with Reader.open() as reader:
        async for page in reader.pages(source):
            if isinstance(page, PageFailure):
                failed += 1
                print(f"page {page.number}: {page.reason} {page.hint}", file=sys.stderr)
            else:
                print(to_markdown(page), end="\n\n", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(print_pages(sys.argv[1] if len(sys.argv) > 1 else INVOICE)))
    except OcrError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
