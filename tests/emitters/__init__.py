"""Tests of `ocr_mcp.emitters`."""
