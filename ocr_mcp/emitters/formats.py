"""Documents and pages in the formats that programs want."""

from ocr_mcp.emitters.json_document import document_to_json
from ocr_mcp.emitters.markdown import document_to_markdown, failure_notice, page_to_markdown
from ocr_mcp.emitters.text import document_to_text, failure_to_text, page_to_text
from ocr_mcp.model.documents import Document, Page, PageFailure


def to_markdown(result: Document | Page | PageFailure) -> str:
    """Return a document exactly as `ocr-mcp read` writes it, or one page of it without its marker.

    A page that could not be read is a visible line that says why.
    """
    match result:
        case Document():
            return document_to_markdown(result)
        case Page():
            return page_to_markdown(result)
        case PageFailure():
            return failure_notice(result)


def to_text(result: Document | Page | PageFailure) -> str:
    """Return a document, or one page of it, without markup. The pages of a document have a form feed between them.

    A page that could not be read is a line in square brackets that says why.
    """
    match result:
        case Document():
            return document_to_text(result)
        case Page():
            return page_to_text(result)
        case PageFailure():
            return failure_to_text(result)


def to_json(result: Document | Page | PageFailure) -> str:
    """Return everything that is known of a document or a page, indented. docs/reference.md describes the fields."""
    return document_to_json(result) if isinstance(result, Document) else result.model_dump_json(indent=2)
