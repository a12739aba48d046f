"""The MCP server: four tools over one `Reader`."""
