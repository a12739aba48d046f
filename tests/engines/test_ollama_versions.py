"""The engine knows which Ollama it talks to. The tables are the reference's."""

import pytest

from ocr_mcp.engines.ollama.versions import generation_of, is_too_old
from ocr_mcp.families.base import OllamaGeneration

A, B, C = OllamaGeneration


@pytest.mark.parametrize(
    ("version", "generation"),
    [
        ("0.13.0", A),
        ("0.24.3", A),
        ("0.30.0", B),
        ("0.30.0-rc1", B),
        ("0.32.1", B),
        ("0.32.2", C),
        ("0.33.0-rc2", C),
        ("1.0.0", C),
        ("0.12.11", None),
        ("0.0.0", None),
        ("nightly", None),
    ],
)
def test_the_version_tells_the_generation(version: str, generation: OllamaGeneration | None) -> None:
    assert generation_of(version) is generation


@pytest.mark.parametrize(("version", "too_old"), [("0.12.11", True), ("0.13.0", False), ("0.0.0", False), ("x", False)])
def test_a_version_before_the_first_is_too_old_and_a_build_from_source_is_not_known(
    version: str, too_old: bool
) -> None:
    assert is_too_old(version, min_version=(0, 13, 0)) is too_old
