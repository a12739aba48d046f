"""Options that several commands have, and the values that options take."""

from enum import StrEnum
from typing import Annotated

import typer

from ocr_mcp.batch.formats import FORMATS
from ocr_mcp.engines.registry import ENGINE_NAMES


class CliTask(StrEnum):
    """Tasks of the command line. `locate` needs a query, which only a tool has."""

    MARKDOWN = "markdown"
    TEXT = "text"
    LINES = "lines"
    DESCRIBE = "describe"


class EvalTask(StrEnum):
    """Tasks that have a ground truth."""

    MARKDOWN = "markdown"
    TEXT = "text"


class EvalMode(StrEnum):
    """Sizes of the views that DeepSeek-OCR gets, smallest first."""

    TINY = "tiny"
    SMALL = "small"
    BASE = "base"
    LARGE = "large"
    GUNDAM = "gundam"


class ChartFormat(StrEnum):
    """Formats of a chart's data."""

    CSV = "csv"
    MARKDOWN = "markdown"
    JSON = "json"


EngineOption = Annotated[
    str | None, typer.Option("--engine", help=f"{', '.join(ENGINE_NAMES[:-1])} or {ENGINE_NAMES[-1]}.")
]
ModelOption = Annotated[str | None, typer.Option("--model", help="The model's name, for ollama and openai.")]


def _format_name(name: str) -> str:
    """Return the name of a known format. Raises `ValueError`, whose message typer shows."""
    if name not in FORMATS:
        raise ValueError(f"{name!r} is not one of {', '.join(map(repr, FORMATS))}.")
    return name


FormatOption = Annotated[
    str, typer.Option("--format", parser=_format_name, metavar=f"<{'|'.join(FORMATS)}>", help="How to write it.")
]
