"""Two checkouts are compared by what their programs write."""

import sys
from pathlib import Path

from benchmarks.harness.checkouts import Checkout
from benchmarks.same_outputs import Comparison, Outcome, Outputs, compare_files, summarize
from benchmarks.samples.chosen_files import MAX_BYTES, choose_files

_PROGRAM = """#!{python}
import sys
source, pages, form, target = sys.argv[2], sys.argv[4], sys.argv[6], sys.argv[8]
if "short" in source and pages != "1":
    sys.exit(12)
if "broken" in source:
    sys.exit({code})
open(target, "w").write({text!r} + ', "seconds": {seconds}, ' + pages)
"""


def _outputs(folder: Path, name: str, *, text: str = "text", seconds: float = 1.0, code: int = 3) -> Outputs:
    """A checkout whose program writes a fixed text; no document named `broken`, and one page of those named `short`."""
    program = folder / name / "bin" / "ocr-mcp"
    program.parent.mkdir(parents=True)
    program.write_text(_PROGRAM.format(python=sys.executable, text=text, seconds=seconds, code=code))
    program.chmod(0o755)
    return Outputs(Checkout(name, program.with_name("python")), folder / name)


def test_outputs_are_the_same_but_for_the_seconds_in_json(tmp_path: Path) -> None:
    this, other = _outputs(tmp_path, "this", seconds=0.25), _outputs(tmp_path, "other", seconds=1.5e-05)
    found = list(compare_files([tmp_path / "a.pdf"], tmp_path, this, other))
    assert [(each.name, each.is_same) for each in found] == [
        ("a.pdf as markdown", False),
        ("a.pdf as json", True),
        ("a.pdf as pdf", False),
    ]


def test_a_document_with_fewer_pages_is_read_whole(tmp_path: Path) -> None:
    outcome = _outputs(tmp_path, "this").read(tmp_path / "short.png", "short", "markdown")
    assert outcome == Outcome(0, b'text, "seconds": 1.0, 1')


def test_a_document_that_neither_reads_is_no_output(tmp_path: Path) -> None:
    this, other = _outputs(tmp_path, "this"), _outputs(tmp_path, "other")
    found = list(compare_files([tmp_path / "broken.pdf", tmp_path / "a.pdf"], tmp_path, this, other))
    assert summarize(found) == (
        "3 of 3 outputs are equal to the byte.\n3 reads wrote nothing with either, 3 of them with the same exit code."
    )


def test_what_differs_is_listed_with_both_outcomes() -> None:
    found = [
        Comparison("a.pdf as json", Outcome(0, b"text"), Outcome(0, b"texts")),
        Comparison("b.pdf as json", Outcome(0, b"text"), Outcome(3, None)),
        Comparison("c.pdf as json", Outcome(3, None), Outcome(4, None)),
    ]
    assert summarize(found).splitlines() == [
        "0 of 2 outputs are equal to the byte.",
        "1 reads wrote nothing with either, 0 of them with the same exit code.",
        "  differs: a.pdf as json: 4 bytes here, 5 bytes there",
        "  differs: b.pdf as json: 4 bytes here, exit code 3 there",
        "  differs: c.pdf as json: exit code 3 here, exit code 4 there",
    ]


def test_files_are_spread_over_the_folders_and_the_same_every_time(tmp_path: Path) -> None:
    names = ["a/1.pdf", "a/2.pdf", "a/3.pdf", "b/x/1.png", "b/y/1.png", "b/y/2.png", "malformed/1.pdf", "a/notes.txt"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    with (tmp_path / "a" / "large.pdf").open("wb") as large:
        large.truncate(MAX_BYTES + 1)
    chosen = [path.relative_to(tmp_path).as_posix() for path in choose_files(tmp_path, 4)]
    assert [name[0] for name in chosen] == ["a", "b", "a", "b"]
    assert {name[:3] for name in chosen if name[0] == "b"} == {"b/x", "b/y"}
    assert choose_files(tmp_path, 4) == choose_files(tmp_path, 4)
    assert len(choose_files(tmp_path, 99)) == 6
