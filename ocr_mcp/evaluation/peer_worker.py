"""Read pages with other programs in a child process, so that their cost and their crashes are only theirs."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
# rapidocr and pymupdf4llm publish no complete types, so only this file touches them.

from functools import cache
from typing import Any, cast

from ocr_mcp.workers.child import Header, serve


@cache
def _load_rapidocr() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR()


def rapidocr(arguments: Header, picture: bytes) -> tuple[Header, bytes]:
    """Read an encoded picture; the answer is the lines that `RapidOCR()` finds, in its order."""
    del arguments
    return {}, "\n".join(_load_rapidocr()(picture).txts or ()).encode()


def pymupdf4llm(arguments: Header, pdf: bytes) -> tuple[Header, bytes]:
    """Read a PDF; the answer is Markdown.

    `numbers` in the arguments are 1-based pages, empty for all; without `margins` headers and footers are left out.
    """
    import pymupdf
    import pymupdf4llm as peer

    numbers = cast("list[int]", arguments["numbers"])
    margins: dict[str, bool] = {} if arguments["margins"] else {"header": False, "footer": False}
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        markdown = peer.to_markdown(document, pages=[number - 1 for number in numbers] or None, **margins)
    return {}, str(markdown).encode()


if __name__ == "__main__":
    serve(lambda: {"rapidocr": rapidocr, "pymupdf4llm": pymupdf4llm})
