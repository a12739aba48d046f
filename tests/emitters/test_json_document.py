"""The document as JSON."""

import json

import pytest
from pydantic import ValidationError

from ocr_mcp.emitters.json_document import document_from_json, document_schema, document_to_json
from ocr_mcp.model.blocks import BlockLabel
from tests.emitters.documents import CUT, FAILURE, block, document, page, table

DOCUMENT = document(page(block(BlockLabel.TABLE, "Größe 日本", table=table(["a"])), issues=(CUT,)), FAILURE)


def test_what_is_written_can_be_read_again() -> None:
    assert document_from_json(document_to_json(DOCUMENT)) == DOCUMENT


def test_the_status_and_the_version_of_the_schema_are_written() -> None:
    written = json.loads(document_to_json(DOCUMENT))
    assert (written["status"], written["schema_version"]) == ("partial", "1")


def test_characters_are_written_as_they_are() -> None:
    assert "Größe 日本" in document_to_json(DOCUMENT)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema_version": "2"}', "no JSON"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        document_from_json(text)


def test_the_schema_names_every_field_that_is_written() -> None:
    properties = document_schema()["properties"]
    assert isinstance(properties, dict)
    assert set(properties) == set(json.loads(document_to_json(DOCUMENT)))
