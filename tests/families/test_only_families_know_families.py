"""All that is known of DeepSeek-OCR stands in its file in `families/`, so that another family is one more file."""

from pathlib import Path

import pytest

import ocr_mcp
from ocr_mcp.families.deepseek_ocr import DEEPSEEK_OCR

PACKAGE = Path(ocr_mcp.__file__).parent

TRACES = (
    "deepseek",
    "<|ref",
    "<|det",
    "<|ground",
    "<|/",
    '"<|',
    "｜",
    "▁",
    "ref|det",
    "12882",
    "convert the document to markdown",
    "free ocr.",
    "ocr this image",
    "describe this image in detail",
    "parse the figure",
)
"""In lower case: its names, its tags and its end token, the ids of its tokens, its prompts.

Its tokens `<td>` and `<tr>` are tags of HTML too, and its labels are English words.
"""

EXCEPTIONS = {
    ("cli/options.py", "the views that DeepSeek-OCR gets"): "the command's own help",
    ("cli/commands.py", 'help="DeepSeek-OCR\'s modes; several times for several."'): "the command's own help",
    ("cli/commands.py", '= "deepseek-ocr",'): "the help shows the default, and is there before anything is imported",
    ("evaluation/modes.py", '"""The modes of DeepSeek-OCR:'): "its table is repeated here",
    ("evaluation/modes.py", "Source: the paper of DeepSeek-OCR (table 1)"): "a source",
    ("evaluation/modes.py", "import DEEPSEEK_OCR as FAMILY"): "its table is repeated here",
    ("evaluation/modes.py", "they are DeepSeek-OCR's."): "a message to the user",
    ("parsing/vlm/html_tables.py", "drops these marks from DeepSeek-OCR:"): "a message to the user",
    ("server/results.py", "The compression ratio of the DeepSeek-OCR paper."): "a description in the schema of a tool",
}
"""Lines that may name it, by a part of the line, with the reason."""


def lines_with_traces() -> list[tuple[str, str]]:
    """The lines outside `families/` that hold one, with the file. A backslash of a regular expression hides nothing."""
    found: list[tuple[str, str]] = []
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if not name.startswith("families/"):
            lines = path.read_text("utf-8").splitlines()
            found += [(name, line) for line in lines if any(t in line.lower().replace("\\", "") for t in TRACES)]
    return found


def is_excepted(file: str, line: str) -> bool:
    return any(file == name and part in line for name, part in EXCEPTIONS)


def test_no_other_room_knows_deepseek_ocr() -> None:
    assert [(file, line) for file, line in lines_with_traces() if not is_excepted(file, line)] == []


@pytest.mark.parametrize(("file", "part"), EXCEPTIONS)
def test_every_exception_is_needed(file: str, part: str) -> None:
    assert any(name == file and part in line for name, line in lines_with_traces())


def test_the_traces_are_those_of_the_family() -> None:
    """Each prompt and each tag would be found if it stood elsewhere."""
    for text in (*(prompt.text for prompt in DEEPSEEK_OCR.prompts.values()), *DEEPSEEK_OCR.special_tokens[:5]):
        assert any(trace in text.lower() for trace in TRACES)
