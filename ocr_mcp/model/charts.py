"""A figure as data."""

from enum import StrEnum

from ocr_mcp.model.geometry import Frozen


class FigureKind(StrEnum):
    """What `Parse the figure.` found."""

    CHART = "chart"
    GEOMETRY = "geometry"
    MOLECULE = "molecule"
    DESCRIPTION = "description"


class ChartRecord(Frozen):
    """One value of a chart. `raw` is the cell as the model wrote it; `value` is None where it is missing or no number.

    A percentage stays 12 with unit "%". `alternatives` holds the other reading of an ambiguous decimal separator.
    """

    series: str
    category: str
    value: float | None
    unit: str | None
    raw: str
    alternatives: tuple[float, ...] = ()


class Figure(Frozen):
    """A parsed figure. `rows` is the table as written, header first; charts have `records`, the other kinds `text`."""

    kind: FigureKind
    records: tuple[ChartRecord, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    text: str
