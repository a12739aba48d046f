"""The commands, each a thin layer over `Reader`. `docs/reference.md` lists their exit codes."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from ocr_mcp import __version__
from ocr_mcp.batch.formats import DEFAULT as DEFAULT_FORMAT
from ocr_mcp.cli.console import say_error
from ocr_mcp.cli.options import ChartFormat, CliTask, EngineOption, EvalMode, EvalTask, FormatOption, ModelOption
from ocr_mcp.cli.stopping import Stop, leave_on_signals, run_until_stopped
from ocr_mcp.errors import OcrError
from ocr_mcp.model.options import Rotate, TextLayerPolicy

app = typer.Typer(
    name="ocr-mcp",
    help="Local OCR: scans, PDFs and charts to Markdown, on your own machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


cache_app = typer.Typer(help="Show or clear the answer cache.", no_args_is_help=True)
app.add_typer(cache_app, name="cache")
models_app = typer.Typer(help="Manage Ollama models.", no_args_is_help=True)
app.add_typer(models_app, name="models")


TextLayerOption = Annotated[TextLayerPolicy, typer.Option(help="Whether to use a PDF's own text.")]


def main() -> NoReturn:
    """Run the command line. An error that has a name never shows a traceback."""
    try:
        app()
    except OcrError as error:
        say_error(error)
        sys.exit(error.exit_code)
    sys.exit(0)


@app.callback(invoke_without_command=True)
def top(version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False) -> None:
    """Local OCR: scans, PDFs and charts to Markdown, on your own machine."""
    if version:
        print(__version__)  # noqa: T201  the version is the product here
        raise typer.Exit


@app.command()
def read(  # noqa: PLR0913, PLR0917  the arguments are the published interface of the command
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Files, file:// or data: URLs.")],
    pages: Annotated[str, typer.Option(help="'all', or pages and ranges like 1-5,8.")] = "all",
    task: Annotated[CliTask, typer.Option(help="What to do with each page.")] = CliTask.MARKDOWN,
    output_format: FormatOption = DEFAULT_FORMAT.name,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A file; with several sources or -r, a folder.")
    ] = None,
    recursive: Annotated[
        bool, typer.Option("-r", "--recursive", help="Read every document in the folders that are named.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Add one JSON line for each document; - for stderr.")
    ] = None,
    engine: EngineOption = None,
    model: ModelOption = None,
    text_layer: TextLayerOption = TextLayerPolicy.AUTO,
    rotate: Annotated[
        Rotate | None,
        typer.Option(help="How to turn pages: upright by what they show (auto), or so many degrees clockwise."),
    ] = None,
    figures: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write each figure to a file; the Markdown shows it.")
    ] = None,
    verify: Annotated[
        bool | None,
        typer.Option("--verify/--no-verify", help="Read each page a second time (embedded) and say what differs."),
    ] = None,
) -> None:
    """Read scans, PDFs and pictures; Markdown on stdout."""
    leave_on_signals()
    from ocr_mcp.cli.reading import ReadRequest, read_sources

    request = ReadRequest(
        sources=tuple(sources),
        pages=pages,
        task=task.value,
        output_format=output_format,
        output=output,
        engine=engine,
        model=model,
        text_layer=text_layer,
        rotate=rotate,
        recursive=recursive,
        report=report,
        figures=figures,
        verify=verify,
    )
    _run(lambda stop: read_sources(request, stop))


@app.command()
def chart(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="A picture of a chart, or a PDF.")],
    page: Annotated[int, typer.Option(min=1, help="Page number, from 1.")] = 1,
    region: Annotated[
        str | None, typer.Option(help="left,top,right,bottom in points (PDF) or pixels (pictures).")
    ] = None,
    output_format: Annotated[ChartFormat, typer.Option("--format", help="How to write it.")] = ChartFormat.CSV,
    engine: EngineOption = None,
    model: ModelOption = None,
) -> None:
    """Turn a chart into numbers; CSV on stdout."""
    leave_on_signals()
    from ocr_mcp.cli.charts import read_chart

    _run(lambda _: read_chart(source, page, region, output_format.value, engine=engine, model=model))


@app.command("eval")
def evaluate(  # noqa: PLR0913, PLR0917  the arguments are the published interface of the command
    folder: Annotated[Path, typer.Argument(help="Pages with their ground truths, or a benchmark; docs/quality.md.")],
    engine: EngineOption = None,
    model: ModelOption = None,
    text_layer: TextLayerOption = TextLayerPolicy.AUTO,
    task: Annotated[EvalTask, typer.Option(help="What to ask of the engine.")] = EvalTask.MARKDOWN,
    mode: Annotated[
        list[EvalMode] | None, typer.Option(help="DeepSeek-OCR's modes; several times for several.")
    ] = None,
    against: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Also let rapidocr, tesseract or pymupdf4llm read; several times for several."
        ),
    ] = None,
    pages: Annotated[str, typer.Option(help="Of PDFs: 'all', or pages and ranges like 1-5,8.")] = "all",
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many of each type of document.")] = None,
    types: Annotated[list[str] | None, typer.Option("--type", help="Only this type of document.")] = None,
    worst: Annotated[int, typer.Option(min=0, help="How many of the worst pages to list.")] = 10,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write all figures there.")] = None,
    save: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write every text there, to look at.")] = None,
) -> None:
    """Measure how well pages are read, against their ground truths; a table on stdout."""
    leave_on_signals()
    from ocr_mcp.cli.evaluating import EvalRequest, evaluate

    request = EvalRequest(
        folder=folder,
        engine=engine,
        model=model,
        task=task.value,
        text_layer=text_layer,
        modes=tuple(each.value for each in mode or ()),
        against=tuple(against or ()),
        pages=pages,
        limit=limit,
        types=tuple(types or ()),
        worst=worst,
        json=json,
        save=save,
    )
    _run(lambda _: evaluate(request))


@app.command()
def engines() -> None:
    """Show whether each engine is ready, or what would make it ready."""
    leave_on_signals()
    from ocr_mcp.cli.engines import show_engines

    _run(lambda _: show_engines())


@cache_app.command("info")
def cache_info() -> None:
    """Show where the answers of engines are kept, and how much of them."""
    leave_on_signals()
    from ocr_mcp.cli.caching import show_cache

    _run(lambda _: show_cache())


@cache_app.command("clear")
def cache_clear() -> None:
    """Delete all answers. Pages that are read again are computed again."""
    leave_on_signals()
    from ocr_mcp.cli.caching import clear_cache

    _run(lambda _: clear_cache())


@models_app.command("retag")
def models_retag(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A model of your Ollama.")] = "deepseek-ocr",
    copy: Annotated[str | None, typer.Option("--name", help="What the copy is called; NAME-tags by default.")] = None,
    gguf: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A copy of the model's file, where Ollama's own is out of reach."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    probe: Annotated[bool, typer.Option(help="Let the copy read a page at the end, to see its marks.")] = True,
) -> None:
    """Copy a model so that the marks of regions and table cells survive on Ollama 0.30 and later."""
    leave_on_signals()
    from ocr_mcp.cli.models import retag

    _run(lambda _: retag(name, copy, gguf, dry_run=dry_run, probe=probe))


@app.command()
def serve(
    more_folders: Annotated[
        list[Path] | None, typer.Argument(metavar="FOLDER", show_default=False, help="The same as --allow FOLDER.")
    ] = None,
    http: Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Serve over HTTP instead of stdio.")] = None,
    allow: Annotated[
        list[Path] | None,
        typer.Option(
            help="Read files only in this folder; for several: --allow A B, or --allow A --allow B."
            " Replaces the default: Documents, Desktop, Downloads and the working folder."
        ),
    ] = None,
    allow_url: Annotated[bool, typer.Option("--allow-url", help="Also read http(s):// sources.")] = False,
    save_dir: Annotated[
        list[Path] | None, typer.Option(help="Let ocr_pdf write results to this folder; none by default.")
    ] = None,
    engine: EngineOption = None,
    model: ModelOption = None,
) -> None:
    """Serve the tools to an MCP client, on stdio."""
    from ocr_mcp.cli.serving import serve_tools

    folders = [*(allow or ()), *(more_folders or ())]
    serve_tools(http=http, allow=folders, allow_url=allow_url, save_dir=save_dir, engine=engine, model=model)


def _run(work: Callable[[Stop], Awaitable[int]]) -> None:
    from ocr_mcp.runtime.event_loop import run_in_loop

    raise typer.Exit(run_in_loop(run_until_stopped, work))
