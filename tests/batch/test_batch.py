"""A batch needs no terminal and no command line: an observer is told, and a stream takes the results."""

import json
import os
import subprocess
import sys
from pathlib import Path

from ocr_mcp.app import Reader
from ocr_mcp.batch.batch import read_batch
from ocr_mcp.batch.formats import FORMATS
from ocr_mcp.batch.request import BatchRequest
from ocr_mcp.batch.summary import DocumentSummary
from ocr_mcp.pipeline import PageResult
from ocr_mcp.runtime.event_loop import run_in_loop
from ocr_mcp.settings import Settings
from tests.documents import text_pdf


class Recorder:
    """An observer that notes each call."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, object]] = []

    def document_opened(self, name: str, page_count: int) -> None:
        self.calls.append(("opened", (Path(name).name, page_count)))

    def page_done(self, result: PageResult) -> None:
        self.calls.append(("page", result.number))

    def document_finished(self, summary: DocumentSummary) -> None:
        self.calls.append(("finished", summary.tally.read))

    def document_failed(self, summary: DocumentSummary) -> None:
        self.calls.append(("failed", summary.error.code if summary.error else None))

    def document_stopped(self, summary: DocumentSummary) -> None:
        self.calls.append(("stopped", summary.pages_asked))


class Collected:
    """A stream, and the place of each result in it, that keeps the bytes."""

    is_terminal = False

    def __init__(self) -> None:
        self.data = b""

    def open(self) -> "Collected":
        return self

    async def write(self, data: bytes) -> None:
        self.data += data

    def finish(self) -> None:
        pass


async def recorded(folder: Path, *names: str, output: Path | None) -> tuple[Recorder, Collected, list[int]]:
    observer, stream = Recorder(), Collected()
    sources = tuple(str(folder / name) for name in names)
    request = BatchRequest(sources, FORMATS["markdown"], output=output, report=folder / "report.jsonl")
    async with Reader(Settings(engine="ollama", cache_folder=folder / "cache")) as reader:
        result = await read_batch(reader, request, observer=observer, stream=stream)
    return observer, stream, [end.exit_code for end in result.ends]


def test_an_observer_is_told_of_every_document_and_page(tmp_path: Path) -> None:
    text_pdf(tmp_path / "a.pdf", pages=2)
    text_pdf(tmp_path / "b.pdf", pages=1)
    work = recorded(tmp_path, "a.pdf", "none.pdf", "b.pdf", output=tmp_path / "out")
    observer, stream, codes = run_in_loop(lambda: work)
    assert observer.calls == [
        ("opened", ("a.pdf", 2)),
        ("page", 1),
        ("page", 2),
        ("finished", 2),
        ("failed", "NOT_FOUND"),
        ("opened", ("b.pdf", 1)),
        ("page", 1),
        ("finished", 1),
    ]
    assert codes == [0, 9, 0]
    assert stream.data == b""
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.md", "b.md"]
    lines = (tmp_path / "report.jsonl").read_text().splitlines()
    assert [json.loads(line)["exit_code"] for line in lines] == codes


def test_a_stream_takes_the_results_of_all_documents(tmp_path: Path) -> None:
    text_pdf(tmp_path / "a.pdf", pages=1)
    text_pdf(tmp_path / "b.pdf", pages=1)
    _, stream, _ = run_in_loop(lambda: recorded(tmp_path, "a.pdf", "b.pdf", output=None))
    first, second = (f"<!-- document {tmp_path / name} -->\n\n<!-- page 1 -->".encode() for name in ("a.pdf", "b.pdf"))
    assert stream.data.startswith(first)
    assert b"\n\n" + second in stream.data


_ALONE = """
import sys
from pathlib import Path
from ocr_mcp.runtime.event_loop import run_in_loop
from tests.batch.test_batch import recorded
observer, stream, codes = run_in_loop(lambda: recorded(Path(sys.argv[1]), "a.pdf", output=None))
assert codes == [0] and b"Chapter 1" in stream.data and observer.calls[-1] == ("finished", 1)
print(*(name for name in sys.modules if name.startswith(("ocr_mcp.cli", "ocr_mcp.server", "typer", "mcp"))))
"""


def test_a_batch_runs_without_the_command_line_and_the_server(tmp_path: Path) -> None:
    text_pdf(tmp_path / "a.pdf", pages=1)
    command = [sys.executable, "-c", _ALONE, str(tmp_path)]
    root = Path(__file__).parents[2]
    env = os.environ | {"PYTHONPATH": str(root)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, cwd=root, check=False)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr
