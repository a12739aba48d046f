"""Turns documents, pages and figures into text. Pure: no I/O, no clock, no settings.

Pages ──a stream for each format (streams.py)──▶ Markdown      plain text   JSON               HTML viewer
                                                 markdown.py   text.py      json_document.py   html_viewer.py
Figures ──▶ CSV, Markdown (figures.py)           Pages ──▶ words of a searchable PDF (searchable.py, placed_lines.py)
"""
