"""Tests of ocr_mcp.evaluation."""
