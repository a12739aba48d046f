"""The work of `ocr-mcp chart`."""

from ocr_mcp.app import FigureReading, Reader
from ocr_mcp.cli.console import say, write_stdout
from ocr_mcp.emitters.figures import figure_to_csv, figure_to_markdown
from ocr_mcp.errors import UsageError
from ocr_mcp.model.geometry import BoundingBox, ordered_box
from ocr_mcp.settings import load_settings


async def read_chart(
    source: str, page: int, region: str | None, output_format: str, *, engine: str | None, model: str | None
) -> int:
    """Read one figure. Returns the exit code."""
    async with Reader(load_settings(model=model)) as reader:
        read = await reader.read_figure(source, page, region=_region(region), engine=engine)
    write_stdout(_chart_text(read, output_format))
    for warning in (*read.warnings, *(issue.message for issue in read.issues)):
        say(f"ocr-mcp: {warning}")
    identity = read.reading.identity
    say(f"ocr-mcp: a {read.figure.kind.value}, read by {identity.engine} ({identity.model})")
    return 0


def _region(region: str | None) -> BoundingBox | None:
    if region is None:
        return None
    try:
        left, top, right, bottom = (float(edge) for edge in region.split(","))
    except ValueError as error:
        raise UsageError(f"'{region}' is no region.", hint="Write it as left,top,right,bottom.") from error
    return ordered_box(left, top, right, bottom)


def _chart_text(read: FigureReading, output_format: str) -> str:
    match output_format:
        case "json":
            return read.figure.model_dump_json(indent=2)
        case "csv" if read.figure.records:
            return figure_to_csv(read.figure)
        case _:
            return figure_to_markdown(read.figure)
