"""Lay out a page: lines with boxes in, paragraphs, headings, lists and tables in reading order out.

JSON ────decode────▶ PageLines ──cut──▶ Frames, Flows ──build──▶ Grids, Paragraphs ──label──▶ Blocks
recognized_lines.py  page_margins.py    rules.py                 ruled_grids.py, grids.py     text_labels.py
                     unread_script.py   reading_order.py         paragraphs.py                recognized.py
page_parts.py runs the steps between decoding and labelling; orientation.py judges which way up a page stands.
"""
