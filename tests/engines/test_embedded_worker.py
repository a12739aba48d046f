"""The embedded engine's process reads pictures and can do nothing else, like the one that decodes documents."""

import sys
from pathlib import Path

import pytest

from ocr_mcp.engines.base import PredictionRequest
from ocr_mcp.engines.embedded.engine import EmbeddedEngine
from ocr_mcp.model.predictions import Task
from tests.documents import written
from tests.engines.pictures import blank_page

pytestmark = pytest.mark.anyio


async def test_pages_and_single_lines_are_read_within_the_sandbox(tmp_path: Path) -> None:
    data = written(tmp_path / "line.png", "Invoice 417").read_bytes()
    page = blank_page(900, 300).model_copy(update={"data": data, "media_type": "image/png"})
    engine = EmbeddedEngine(workers=1)
    try:
        read = await engine.predict(PredictionRequest(image=page, task=Task.TEXT))
        (line,) = await engine.recognize_snippets([data])
        sandbox = engine.sandbox
    finally:
        await engine.aclose()
    assert "Invoice 417" in read.text
    assert line.confidence > 0
    assert ("rlimits" in sandbox) is (sys.platform != "win32")
    assert "landlock" in sandbox or "seccomp" in sandbox or sys.platform != "linux"
