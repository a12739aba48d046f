"""Tests of `ocr_mcp.cache`."""
