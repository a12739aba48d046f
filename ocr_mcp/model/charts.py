"""Figures as data."""

from enum import StrEnum

from ocr_mcp.model.geometry import Frozen


class FigureKind(StrEnum):
    """The kind of a figure."""

    CHART = "chart"
    GEOMETRY = "geometry"
    MOLECULE = "molecule"
    DESCRIPTION = "description"


class ChartRecord(Frozen):
    """One value of a chart.

    `raw` is the cell as the model wrote it; `value` is None if the cell is empty or is not a number. A percentage such
    as 12 % has the value 12 and the unit "%". `alternatives` holds the other value that an ambiguous decimal separator
    allows.
    """

    series: str
    category: str
    value: float | None
    unit: str | None
    raw: str
    alternatives: tuple[float, ...] = ()


class Figure(Frozen):
    """A parsed figure.

    `text` is the answer without stray markup; for a molecule it is the SMILES string. Charts also have `records`, and
    `rows` with their table as the model wrote it, header first; both are empty if the table could not be parsed.
    """

    kind: FigureKind
    records: tuple[ChartRecord, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    text: str
