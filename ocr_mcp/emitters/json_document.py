"""Documents as JSON: the whole model, nothing left out, with the version of its schema."""

import json
from typing import cast

from pydantic import JsonValue

from ocr_mcp.model.documents import Document

_DERIVED = "status"


def document_to_json(document: Document) -> str:
    """The document, indented, characters as they are. `status` is derived and written for the reader's sake."""
    return document.model_dump_json(indent=2) + "\n"


def document_from_json(text: str) -> Document:
    """The document that `document_to_json` wrote. Raises `pydantic.ValidationError` for anything else."""
    try:
        value = cast("JsonValue", json.loads(text))
    except json.JSONDecodeError:
        return Document.model_validate_json(text)
    if isinstance(value, dict):
        value = {key: item for key, item in value.items() if key != _DERIVED}
    return Document.model_validate(value, strict=False)


def document_schema() -> dict[str, JsonValue]:
    """The JSON schema of what `document_to_json` writes."""
    return Document.model_json_schema(mode="serialization")
