"""The base of all results of tools: every string in them can be sent."""

from typing import cast

from pydantic import BaseModel, ConfigDict, model_validator


def clean(text: str) -> str:
    """Return the text without lone surrogates. A single one would end an MCP session."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _cleaned(value: object) -> object:
    match value:
        case str():
            return clean(value)
        case dict():
            return {key: _cleaned(item) for key, item in cast("dict[str, object]", value).items()}
        case list() | tuple():
            return [_cleaned(item) for item in cast("list[object]", value)]
        case _:
            return value


class Result(BaseModel):
    """Base of all results: every string in it can be sent."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _clean_strings(cls, data: object) -> object:
        return _cleaned(data)
