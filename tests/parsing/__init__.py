"""Tests of `ocr_mcp.parsing`."""
