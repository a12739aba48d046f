"""Reads a page through the MCP server, as any MCP client does.

    python examples/client.py [SOURCE]

Starts `ocr-mcp serve`, lists its tools on stderr, calls `ocr_page` on SOURCE (`examples/invoice.pdf` unless named) and
prints the text.
"""

import shutil
import sys
from pathlib import Path

import anyio
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult, TextContent

INVOICE = Path(__file__).with_name("invoice.pdf")


def server() -> StdioServerParameters:
    """How to start the server: the command beside this Python, else the one on the PATH."""
    command = shutil.which("ocr-mcp", path=str(Path(sys.executable).parent)) or "ocr-mcp"
    return StdioServerParameters(command=command, args=["serve"])


def text_of(result: CallToolResult) -> str:
    """What a tool answered, or the reason that it gave for an error."""
    if result.structured_content is not None:
        return str(result.structured_content["text"])
    return "\n".join(content.text for content in result.content if isinstance(content, TextContent))


async def read_page(source: Path) -> int:
    """Print the first page of `source`, an absolute path, as Markdown; the exit code."""
    async with Client(server()) as client:
        for tool in (await client.list_tools()).tools:
            print(f"{tool.name}: {tool.title}", file=sys.stderr)
        result = await client.call_tool("ocr_page", {"source": str(source)})
    print(text_of(result), file=sys.stderr if result.is_error else sys.stdout)
    return 1 if result.is_error else 0


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else INVOICE
    sys.exit(anyio.run(read_page, chosen.resolve()))
