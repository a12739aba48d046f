"""Versions of Ollama, and which of its three engine generations each version has.

Source [O]: Ollama up to v0.33 and llama.cpp; see `docs/engines.md`. A = v0.13.0 to v0.24 (Go engine), B = v0.30.0 to
v0.32.1 (llama-server, one view), C = v0.32.2 and later (llama-server, tiled views).
"""

import re

from ocr_mcp.families.base import OllamaGeneration, Version

_SOURCE_BUILD = (0, 0, 0)
_FIRST_A, _FIRST_B, _FIRST_C = (0, 13, 0), (0, 30, 0), (0, 32, 2)


def parse_version(version: str) -> Version | None:
    """Return major, minor and patch; a release candidate counts as its release. None for other texts."""
    match = re.match(r"v?(\d+)\.(\d+)\.(\d+)", version.strip())
    if match is None:
        return None
    major, minor, patch = (int(part) for part in match.groups())
    return major, minor, patch


def is_too_old(version: str, *, min_version: Version) -> bool:
    """Return True if that Ollama is known to be older. The age of a build from source (0.0.0) is not known."""
    parsed = parse_version(version)
    return parsed is not None and _SOURCE_BUILD < parsed < min_version


def generation_of(version: str) -> OllamaGeneration | None:
    """Return the engine generation; None where the version does not tell: builds from source call themselves 0.0.0."""
    parsed = parse_version(version)
    if parsed is None or parsed < _FIRST_A:
        return None
    if parsed < _FIRST_B:
        return OllamaGeneration.A
    return OllamaGeneration.B if parsed < _FIRST_C else OllamaGeneration.C
