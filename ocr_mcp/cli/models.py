"""The work of `ocr-mcp models retag`."""

import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ocr_mcp.app.retagging import Retagging, RetagObserver, RetagPlan, RetagRequest
from ocr_mcp.cli.console import say, write_stdout
from ocr_mcp.engines.ollama.hosts import parse_ollama_hosts
from ocr_mcp.engines.ollama.mark_probe import answers_hold_marks
from ocr_mcp.engines.ollama.model_files import gigabytes
from ocr_mcp.engines.ollama.names import refuse_cloud_name, retagged_name
from ocr_mcp.engines.registry import make_engine
from ocr_mcp.errors import EngineError
from ocr_mcp.families.registry import DEFAULT_FAMILY
from ocr_mcp.settings import Settings, load_settings

if TYPE_CHECKING:
    from ocr_mcp.engines.ollama.library import OllamaLibrary

EXIT_NOT_SHOWN = 1


async def retag(model: str, copy: str | None, gguf: Path | None, *, dry_run: bool, probe: bool) -> int:
    """Make a copy of a model that keeps its marks. Returns the exit code: 1 if no answer of the copy held any."""
    settings = load_settings()
    refuse_cloud_name(model)
    request = RetagRequest(
        model=model, copy=copy or retagged_name(model), gguf=gguf, models_folder=settings.ollama_models
    )
    # A model's file belongs to one host, so only the first one is asked.
    async with open_library(parse_ollama_hosts(settings.ollama_host)[0], settings) as library:
        work = Retagging(library, request)
        if reason := await work.why_not_needed():
            write_stdout(reason)
            return 0
        plan = await work.plan()
        say(_describe_plan(plan))
        if dry_run:
            write_stdout("Nothing was changed: this was a dry run.")
            return 0
        with _showing_progress() as observer:
            made = await work.make(plan, observer)
    write_stdout(_result(request, made=made))
    return await _probe(settings, request.copy) if probe else 0


@asynccontextmanager
async def open_library(url: str, settings: Settings) -> "AsyncGenerator[OllamaLibrary]":
    """Open the models of the Ollama at `url`."""
    from ocr_mcp.engines.ollama.library import OllamaLibrary

    key = settings.ollama_api_key
    library = OllamaLibrary(url, api_key=key.get_secret_value() if key else None)
    try:
        yield library
    finally:
        await library.aclose()


def _describe_plan(plan: RetagPlan) -> str:
    request = plan.request
    return (
        f"ocr-mcp: '{request.copy}' is to be a copy of '{request.model}' ({gigabytes(plan.file.size)}) with"
        f" {len(plan.types.dropped)} tokens of another type: {' '.join(plan.types.dropped)}\n"
        f"ocr-mcp: it needs {gigabytes(plan.needs_bytes)} of Ollama's disk; {plan.file.path} stays as it is"
    )


def _result(request: RetagRequest, *, made: bool) -> str:
    if not made:
        return f"'{request.copy}' is there already, made from this '{request.model}'."
    preferred = request.copy == DEFAULT_FAMILY.ollama.retagged_model
    how = "It is used from now on." if preferred else f"Use it with OCR_MCP_MODEL={request.copy}."
    return f"'{request.copy}' is made. {how}"


async def _probe(settings: Settings, copy: str) -> int:
    """Ask the copy to read a page, since only an answer shows that it keeps its marks."""
    engine = make_engine("ollama", settings.model_copy(update={"model": copy}))
    try:
        kept = await answers_hold_marks(engine)
    except EngineError as error:
        say(f"ocr-mcp: whether its answers hold the marks could not be seen: {error}")
        return EXIT_NOT_SHOWN
    finally:
        await engine.aclose()
    if not kept:
        say(
            f"ocr-mcp: an answer of '{copy}' to a page with a table held no marks: this Ollama drops them all the same."
        )
        return EXIT_NOT_SHOWN
    say(f"ocr-mcp: an answer of '{copy}' held its marks.")
    return 0


@contextmanager
def _showing_progress() -> Generator[RetagObserver]:
    """Show a bar on a terminal, elsewhere a line for each stage."""
    if sys.stderr is None or not sys.stderr.isatty():  # pyright: ignore[reportUnnecessaryComparison]  it can be closed
        yield RetagObserver(
            stage=lambda name, total: say(f"ocr-mcp: {name}{f' ({gigabytes(total)})' if total else ''} …")
        )
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("")
        yield RetagObserver(
            stage=lambda name, total: bar.reset(task, description=name, total=total or None),
            done=lambda count: bar.update(task, completed=count),
            say=lambda text: bar.update(task, description=text),
        )
