"""Writes documents as JSON: the whole model, with the version of its schema."""

import json
from typing import cast

from pydantic import JsonValue

from ocr_mcp.emitters.streams import DocumentHeader, stream_parts
from ocr_mcp.model.documents import SCHEMA_VERSION, Document, Page, PageFailure, status_of

_DERIVED = "status"


class JsonStream:
    """Writes the fields in the order and layout of `Document.model_dump_json(indent=2)`; a test compares the two."""

    def __init__(self) -> None:
        self._read = 0
        self._failed = 0

    def begin(self, header: DocumentHeader) -> str:
        """Return the fields before `pages`."""
        fields = {
            "schema_version": SCHEMA_VERSION,
            "source": header.source,
            "media_type": header.media_type,
            "total_pages": header.total_pages,
        }
        return "{\n" + "".join(f"  {_json(name)}: {_json(value)},\n" for name, value in fields.items()) + '  "pages": ['

    def page(self, result: Page | PageFailure) -> str:
        """Return one element of `pages`."""
        comma = "," if self._read + self._failed else ""
        if isinstance(result, Page):
            self._read += 1
        else:
            self._failed += 1
        # A line break inside a string is written \n, so every one here is layout.
        return f"{comma}\n    " + result.model_dump_json(indent=2).replace("\n", "\n    ")

    def end(self, warnings: tuple[str, ...]) -> str:
        """Return the fields after `pages`. `status` is derived from them, and written for the reader's sake."""
        close = "\n  ]" if self._read + self._failed else "]"
        said = json.dumps(warnings, indent=2, ensure_ascii=False).replace("\n", "\n  ")
        status = status_of(read=self._read, failed=self._failed)
        return f'{close},\n  "warnings": {said},\n  "{_DERIVED}": {_json(status.value)}\n}}\n'


def document_to_json(document: Document) -> str:
    """Return the document as indented JSON; characters beyond ASCII stand as they are."""
    return "".join(stream_parts(document, JsonStream()))


def document_from_json(text: str) -> Document:
    """Return the document that `document_to_json` wrote. Raises `pydantic.ValidationError` for any other text."""
    try:
        value = cast("JsonValue", json.loads(text))
    except json.JSONDecodeError:
        return Document.model_validate_json(text)
    if isinstance(value, dict):
        value = {key: item for key, item in value.items() if key != _DERIVED}
    return Document.model_validate(value, strict=False)


def document_schema() -> dict[str, JsonValue]:
    """Return the JSON schema of the text that `document_to_json` writes."""
    return Document.model_json_schema(mode="serialization")


def _json(value: str | int) -> str:
    return json.dumps(value, ensure_ascii=False)
