"""Turns documents, pages and figures into text. Pure: no I/O, no clock, no settings.

Pages ──▶ DocumentStream ──▶ text, page by page (streams.py)
Markdown: markdown.py, joined_tables.py      plain text: text.py      JSON: json_document.py
HTML: html_viewer.py, html_blocks.py, viewer_assets.py      tables.py, maths.py, opinions.py serve several formats
Figures ──▶ CSV, Markdown (figures.py)      Pages ──▶ words of a searchable PDF (searchable.py, placed_lines.py)
"""
