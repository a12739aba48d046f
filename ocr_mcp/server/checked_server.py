"""The MCP server with nothing let through: no request without an answer, no argument without an effect."""

from difflib import get_close_matches
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.stdio import stdio_server
from mcp.types import CallToolResult, InputRequiredResult, TextContent, Tool
from pydantic import ValidationError
from pydantic_core import to_json

from ocr_mcp.errors import UsageError
from ocr_mcp.server.call_limit import tool_error
from ocr_mcp.server.state import ServerState
from ocr_mcp.server.unreadable_requests import AnsweringStream


class CheckedServer(MCPServer[ServerState]):
    """Refuses arguments that a tool does not have, says what is wrong with the others, and answers every request."""

    async def list_tools(self) -> list[Tool]:
        """Return the tools, whose schemas say that they take no other arguments."""
        tools = await super().list_tools()
        for tool in tools:
            tool.input_schema = {**tool.input_schema, "additionalProperties": False}
        return tools

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[ServerState, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool. Raises `ToolError` for arguments that it does not have or cannot take."""
        known = [list(tool.input_schema["properties"]) for tool in await super().list_tools() if tool.name == name]
        unknown = sorted(arguments.keys() - known[0]) if known else []
        if unknown:
            raise tool_error(_no_such_argument(name, unknown, known[0]))
        try:
            return _compact(await super().call_tool(name, arguments, context))
        except ToolError as error:
            if isinstance(error.__cause__, ValidationError):
                raise tool_error(_wrong_arguments(name, error.__cause__)) from error.__cause__
            raise

    async def run_stdio_async(self) -> None:
        """Serve one client on stdin and stdout."""
        async with stdio_server() as (requests, answers):
            options = self._lowlevel_server.create_initialization_options()
            await self._lowlevel_server.run(AnsweringStream(requests, answers), answers, options)


def _compact(result: CallToolResult | InputRequiredResult) -> CallToolResult | InputRequiredResult:
    """Return the result with its text content in one line: spaces that indent JSON cost an agent a quarter more."""
    if isinstance(result, CallToolResult) and result.structured_content is not None:
        result.content = [TextContent(type="text", text=to_json(result.structured_content).decode())]
    return result


def _no_such_argument(name: str, unknown: list[str], known: list[str]) -> UsageError:
    named = ", ".join(f"'{each[:80]}'" for each in unknown)
    meant = [match for each in unknown for match in get_close_matches(each, known, n=1)]
    guess = f"Did you mean {' and '.join(repr(each) for each in meant)}? " if meant else ""
    return UsageError(f"{name} has no argument {named}.", hint=f"{guess}It takes {', '.join(known)}.")


def _wrong_arguments(name: str, problem: ValidationError) -> UsageError:
    """Return the error with each argument and what it should be, without the values, which may be long."""
    found = problem.errors(include_url=False, include_context=False, include_input=False)
    told = list(dict.fromkeys(f"'{each['loc'][0] if each['loc'] else name}': {each['msg']}" for each in found))
    return UsageError(f"{name} cannot take these arguments. {'; '.join(told[:8])}.", hint="Change them and call again.")
