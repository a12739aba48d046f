"""Writes figures as CSV and as Markdown."""

import csv
import io

from ocr_mcp.emitters.tables import table_to_markdown
from ocr_mcp.model.blocks import Table, TableCell
from ocr_mcp.model.charts import ChartRecord, Figure, FigureKind

CSV_COLUMNS = ("series", "category", "value", "unit", "raw")


def figure_to_csv(figure: Figure) -> str:
    """Return one line for each record under `series,category,value,unit,raw`; a missing value is an empty cell.

    Cells hold what the chart says, even if they begin with `=` or `+`. A spreadsheet may take such a cell for a
    formula, so import the file as text. A figure without records becomes its rows, if it has any.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if figure.records or not figure.rows:
        writer.writerow(CSV_COLUMNS)
        writer.writerows(_record_cells(record) for record in figure.records)
    else:
        writer.writerows(figure.rows)
    return out.getvalue()


def figure_to_markdown(figure: Figure) -> str:
    """Return a chart's table as written, or the text of any other figure, as code if it is not prose."""
    if figure.rows:
        return table_to_markdown(_rows_to_table(figure.rows))
    match figure.kind:
        case FigureKind.GEOMETRY:
            return f"```python\n{figure.text}\n```"
        case FigureKind.MOLECULE:
            return f"```smiles\n{figure.text}\n```"
        case _:
            return figure.text


def _record_cells(record: ChartRecord) -> tuple[str, ...]:
    value = "" if record.value is None else f"{record.value:.15g}"
    return record.series, record.category, value, record.unit or "", record.raw


def _rows_to_table(rows: tuple[tuple[str, ...], ...]) -> Table:
    cells = (
        TableCell(row=r, column=c, text=text, is_header=r == 0)
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
    )
    width = max(1, *(len(row) for row in rows))
    return Table(row_count=len(rows), column_count=width, cells=tuple(cells))
