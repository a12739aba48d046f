"""`save_to` leaves alone what somebody edited, and takes only names that a person gives a result."""

from pathlib import Path

import pytest

from tests.documents import numbered_answer, scanned_pdf
from tests.doubles.ollama_server import OllamaDouble
from tests.server.test_tools_in_memory import called, connected, error_text

pytestmark = pytest.mark.anyio


async def test_a_result_that_somebody_edited_is_kept_and_an_unedited_one_is_written_again(tmp_path: Path) -> None:
    folder, document = tmp_path / "results", scanned_pdf(tmp_path / "two.pdf", pages=2)
    folder.mkdir()
    arguments = {"source": str(document), "save_to": "two.md"}
    with OllamaDouble(answer=numbered_answer()) as ollama:
        async with connected(ollama, "auto", output_folders=(folder,)) as client:
            await called(client, "ocr_pdf", **arguments)
            written = (folder / "two.md").read_text()
            assert (await called(client, "ocr_pdf", **arguments))["saved_to"] == str(folder / "two.md")
            (folder / "two.md").write_text(written + "Checked by hand.\n")
            refusal = error_text(await client.call_tool("ocr_pdf", arguments))
    told = "OUTPUT: 'two.md' was changed after it was written, and is left as it is. Take another name"
    assert told in refusal
    assert (folder / "two.md").read_text() == written + "Checked by hand.\n"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("a\0b.md", "holds characters that no name should. Give a file name such as report.md."),
        (".bashrc", "OUTPUT: '.bashrc' is a hidden file"),
        (".ssh/authorized_keys.md", "OUTPUT: There is no folder for 'authorized_keys.md'."),
        (" ", "OUTPUT: ' ' is blank"),
        ("", "BAD_ARGUMENT: 'save_to' is empty."),
        ("run.py", "BAD_ARGUMENT: '.py' is no format that can be written."),
    ],
)
async def test_a_name_that_no_person_gives_a_result_is_refused(tmp_path: Path, name: str, says: str) -> None:
    folder, document = tmp_path / "results", scanned_pdf(tmp_path / "one.pdf", pages=1)
    folder.mkdir()
    with OllamaDouble(answer=numbered_answer()) as ollama:
        async with connected(ollama, "auto", output_folders=(folder,)) as client:
            refusal = error_text(await client.call_tool("ocr_pdf", {"source": str(document), "save_to": name}))
    assert says in refusal
    assert list(folder.iterdir()) == []
