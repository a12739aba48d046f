"""Parses what vision language models write: regions and lines with boxes, Markdown, and the tables in it.

Answer ──cut──▶ Regions ──parse──▶ Blocks ──place──▶ Blocks with boxes in page units
regions.py      grounded.py, lines.py,   placing.py, boxes.py
                region_blocks.py, light_markdown.py ──▶ html_tables.py (markup.py), pipe_tables.py, glued_items.py
fused_tables.py gives a table that lost its cell marks the cells of another reading.
"""
