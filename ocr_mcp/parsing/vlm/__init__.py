"""Parses what vision language models write: regions and lines with boxes, Markdown, and the tables in it.

Answer ──cut──▶ Regions ──parse──▶ Blocks with boxes in page units
regions.py      by the prompt:            grounded.py, lines.py, boxes.py; placing.py converts the boxes
                by the region's label:    region_blocks.py ──▶ light_markdown.py ──▶ html_tables.py, pipe_tables.py

fused_tables.py gives a table that lost its cell marks the cells of another reading.
"""
