"""docs/reference.md is true."""

import re
from pathlib import Path

from ocr_mcp.errors import OcrError
from ocr_mcp.settings import Settings

REFERENCE = (Path(__file__).parents[1] / "docs" / "reference.md").read_text()


def error_classes(cls: type[OcrError] = OcrError) -> list[type[OcrError]]:
    return [cls, *(each for child in cls.__subclasses__() for each in error_classes(child))]


def test_every_setting_is_in_the_reference_and_nothing_else() -> None:
    written = set(re.findall(r"^\| `OCR_MCP_([A-Z_]+)`", REFERENCE, flags=re.MULTILINE))
    assert written == {name.upper() for name in Settings.model_fields}


def test_every_exit_code_is_in_the_reference_and_nothing_else() -> None:
    codes = REFERENCE.partition("## Exit codes")[2]
    written = {int(code) for code in re.findall(r"^\| (\d+) \|", codes, flags=re.MULTILINE)}
    assert written == {cls.exit_code for cls in error_classes()} | {0, 1, 129, 130, 143}


def test_every_error_code_is_in_the_reference_with_its_exit_code() -> None:
    table = REFERENCE.partition("## Error codes")[2].partition("## Exit codes")[0]
    written = re.findall(r"^\| `([A-Z_]+)` \| (\d+) \| .+ \|$", table, flags=re.MULTILINE)
    assert {code: int(number) for code, number in written} == {cls.code: cls.exit_code for cls in error_classes()}


def test_error_codes_are_unique() -> None:
    codes = [cls.code for cls in error_classes()]
    assert len(codes) == len(set(codes))
