"""The MCP server: three tools over one `Reader`."""
