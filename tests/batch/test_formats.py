"""An output format is one writer and one line; every front end has it then."""

import csv
import io
import sys
from pathlib import Path

import pytest

from ocr_mcp.batch.formats import FORMATS, OutputFormat, format_of_suffix
from ocr_mcp.cli import main
from ocr_mcp.emitters.streams import DocumentHeader
from ocr_mcp.errors import UsageError
from ocr_mcp.model.documents import Page
from ocr_mcp.pipeline import PageResult
from tests.documents import text_pdf
from tests.server.test_tools_in_memory import called, connected


class CsvWriter:
    """The blocks of a document, a line each."""

    def begin(self, header: DocumentHeader) -> bytes:
        return f"page,label,text of {header.source}\r\n".encode()

    async def page(self, result: PageResult) -> bytes:
        lines = io.StringIO()
        blocks = result.blocks if isinstance(result, Page) else ()
        csv.writer(lines).writerows((result.number, block.label.value, block.text) for block in blocks)
        return lines.getvalue().encode()

    async def end(self, warnings: tuple[str, ...]) -> bytes:
        return f"{len(warnings)} warnings\r\n".encode()


@pytest.fixture
def csv_format(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FORMATS, "csv", OutputFormat("csv", "csv", "text/csv", lambda _: CsvWriter()))


def is_csv_of_two_pages(data: bytes) -> bool:
    header, *rows, end = csv.reader(io.StringIO(data.decode()))
    pages = {row[0] for row in rows}
    return header == ["page", "label", "text of born.pdf"] and pages == {"1", "2"} and end == ["0 warnings"]


@pytest.mark.usefixtures("csv_format")
def test_a_new_format_is_one_of_the_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = text_pdf(tmp_path / "born.pdf", pages=2)
    arguments = ["ocr-mcp", "read", str(source), "--format", "csv", "-o", str(tmp_path / "out")]
    (tmp_path / "out").mkdir()
    monkeypatch.setattr(sys, "argv", arguments)
    monkeypatch.setattr("ocr_mcp.cli.commands.leave_on_signals", lambda: None)
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert is_csv_of_two_pages((tmp_path / "out" / "born.csv").read_bytes())


@pytest.mark.anyio
@pytest.mark.usefixtures("csv_format")
async def test_a_new_format_is_one_of_save_to(tmp_path: Path) -> None:
    source = text_pdf(tmp_path / "born.pdf", pages=2)
    async with connected(None, "auto", engine="ollama", output_folders=(tmp_path,)) as client:
        result = await called(client, "ocr_pdf", source=str(source), save_to="born.csv")
    assert result["saved_to"] == str(tmp_path / "born.csv")
    assert is_csv_of_two_pages((tmp_path / "born.csv").read_bytes())


@pytest.mark.parametrize(
    ("name", "found"),
    [("a.md", "markdown"), ("a.TXT", "text"), ("a", "markdown"), (".json", "markdown"), ("a.pdf", "pdf")],
)
def test_a_suffix_stands_for_a_format(name: str, found: str) -> None:
    assert format_of_suffix(Path(name)).name == found


def test_a_suffix_that_stands_for_none_is_refused_with_those_that_do() -> None:
    with pytest.raises(UsageError, match=r"'\.docx' is no format .* \.md, \.txt, \.json, \.html, \.pdf\."):
        format_of_suffix(Path("a.docx"))
