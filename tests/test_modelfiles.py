"""The Modelfiles say what the profile says, so that other clients get the same answers."""

from pathlib import Path

import pytest

from ocr_mcp.families.deepseek_ocr import DEEPSEEK_OCR
from ocr_mcp.families.registry import find_family

MODELFILES = Path(__file__).parent.parent / "modelfiles"


def instructions(name: str) -> list[tuple[str, str]]:
    """Each instruction with its argument; comments left out."""
    text = (MODELFILES / f"{name}.Modelfile").read_text("utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, argument) for word, _, argument in (line.partition(" ") for line in lines)]


@pytest.mark.parametrize(
    ("name", "num_predict"),
    [
        ("deepseek-ocr", DEEPSEEK_OCR.max_output_tokens),
        ("deepseek-ocr-chart", DEEPSEEK_OCR.chart_output_tokens),
    ],
)
def test_a_modelfile_holds_the_options_of_the_profile(name: str, num_predict: int) -> None:
    assert instructions(name) == [
        ("FROM", "deepseek-ocr"),
        ("REQUIRES", "0.13.0"),
        ("TEMPLATE", "{{ .Prompt }}"),
        ("PARAMETER", "temperature 0"),
        ("PARAMETER", f"num_ctx {DEEPSEEK_OCR.context_tokens}"),
        ("PARAMETER", f"num_predict {num_predict}"),
        ("PARAMETER", "repeat_penalty 1.0"),
    ]


@pytest.mark.parametrize("path", sorted(MODELFILES.glob("*.Modelfile")), ids=lambda path: path.stem)
def test_the_engine_knows_the_model_that_a_modelfile_makes(path: Path) -> None:
    assert find_family(path.stem) is DEEPSEEK_OCR


def test_answer_and_picture_fit_into_the_context() -> None:
    """1,203 vision tokens are the most that nine tiles and the global view take; a prompt is short."""
    assert DEEPSEEK_OCR.max_output_tokens + 1203 + 64 <= DEEPSEEK_OCR.context_tokens
