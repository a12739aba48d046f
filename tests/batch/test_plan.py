"""What is read and where each result goes. Issue 3, build item 4: several inputs and folders."""

from pathlib import Path

import pytest

from ocr_mcp.batch.plan import Job, plan_jobs
from ocr_mcp.errors import EmptySourceError, UsageError


def files(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def planned(*sources: Path | str, output: Path | None, recursive: bool = True) -> list[Job]:
    return plan_jobs([str(source) for source in sources], recursive=recursive, output=output, extension="md")


def outputs(*sources: Path, output: Path, recursive: bool = True) -> list[str]:
    """Where the results go, below the output folder."""
    jobs = planned(*sources, output=output, recursive=recursive)
    return [job.output.relative_to(output).as_posix() for job in jobs if job.output is not None]


def test_a_folder_is_read_by_name_with_what_is_below_it(tmp_path: Path) -> None:
    """Hidden files, other kinds of files and linked folders are left out."""
    folder = files(tmp_path / "in", "b.PDF", "a/z.png", "a/c.tiff", ".hidden.pdf", ".git/d.pdf", "notes.txt")
    files(tmp_path / "elsewhere", "e.pdf")
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    jobs = planned(folder, output=None)
    assert [Path(job.source).relative_to(folder).as_posix() for job in jobs] == ["b.PDF", "a/c.tiff", "a/z.png"]


def test_results_of_a_folder_keep_their_paths_below_it(tmp_path: Path) -> None:
    folder = files(tmp_path / "in", "a.pdf", "2025/a.pdf", "2026/a.pdf")
    assert outputs(folder, output=tmp_path / "out") == ["a.md", "2025/a.md", "2026/a.md"]


def test_of_several_sources_each_folder_keeps_its_name(tmp_path: Path) -> None:
    """As `cp -r 2025 2026 out` does it."""
    files(tmp_path, "2025/a.pdf", "2026/a.pdf", "b.pdf")
    sources = (tmp_path / "2025", tmp_path / "2026", tmp_path / "b.pdf")
    assert outputs(*sources, output=tmp_path / "out") == ["2025/a.md", "2026/a.md", "b.md"]


def test_results_that_differ_in_the_sources_ending_keep_it(tmp_path: Path) -> None:
    folder = files(tmp_path / "in", "a.pdf", "a.png", "b.pdf")
    assert outputs(folder, output=tmp_path / "out") == ["a.pdf.md", "a.png.md", "b.md"]


def test_an_ending_that_is_kept_takes_no_other_name(tmp_path: Path) -> None:
    folder = files(tmp_path / "in", "a.pdf", "a.pdf.png", "a.png")
    assert outputs(folder, output=tmp_path / "out") == ["a.pdf.md", "a.pdf.png.md", "a.png.md"]


def test_named_files_of_one_name_keep_the_folders_in_which_they_differ(tmp_path: Path) -> None:
    """`ocr-mcp read */scan.pdf -o out`."""
    files(tmp_path, "x/1/scan.pdf", "x/2/scan.pdf", "other.pdf")
    sources = (tmp_path / "x/1/scan.pdf", tmp_path / "x/2/scan.pdf", tmp_path / "other.pdf")
    assert outputs(*sources, output=tmp_path / "out") == ["1/scan.pdf.md", "2/scan.pdf.md", "other.md"]


def test_one_file_goes_to_the_file_that_is_named_or_into_the_folder_that_is_there(tmp_path: Path) -> None:
    files(tmp_path, "a.pdf", "there/x")
    assert planned(tmp_path / "a.pdf", output=tmp_path / "new")[0].output == tmp_path / "new"
    assert planned(tmp_path / "a.pdf", output=tmp_path / "there")[0].output == tmp_path / "there" / "a.md"


def test_sources_without_a_path_have_names_too(tmp_path: Path) -> None:
    jobs = planned("data:image/png;base64,AA/BB", "https://example.org/x/paper%201.pdf?y", output=tmp_path / "out")
    assert [job.output for job in jobs] == [tmp_path / "out" / "document.md", tmp_path / "out" / "paper 1.md"]


@pytest.mark.parametrize("output", [None, Path("-")])
def test_without_an_output_all_goes_to_stdout_in_order(output: Path | None, tmp_path: Path) -> None:
    folder = files(tmp_path, "b.pdf", "a.pdf")
    jobs = planned(folder / "b.pdf", folder, output=output)
    assert [(Path(job.source).name, job.output) for job in jobs] == [("b.pdf", None), ("a.pdf", None), ("b.pdf", None)]


def test_one_source_named_twice_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    files(tmp_path, "a.pdf")
    with pytest.raises(UsageError, match="would both be written to"):
        planned(tmp_path / "a.pdf", tmp_path / "a.pdf", output=tmp_path / "out")


def test_a_result_never_replaces_a_source(tmp_path: Path) -> None:
    files(tmp_path, "a.pdf")
    with pytest.raises(UsageError, match="would replace the source"):
        planned(tmp_path / "a.pdf", output=tmp_path / "a.pdf")


def test_several_results_do_not_fit_into_a_file(tmp_path: Path) -> None:
    files(tmp_path, "a.pdf", "b.pdf", "out.md")
    with pytest.raises(UsageError, match="is a file"):
        planned(tmp_path / "a.pdf", tmp_path / "b.pdf", output=tmp_path / "out.md")


def test_a_folder_without_documents_is_a_failure_of_its_own(tmp_path: Path) -> None:
    files(tmp_path, "full/a.pdf", "bare/notes.txt")
    empty, full = planned(tmp_path / "bare", tmp_path / "full", output=tmp_path / "out")
    assert isinstance(empty.problem, EmptySourceError)
    assert full.problem is None
