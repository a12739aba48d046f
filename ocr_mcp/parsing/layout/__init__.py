"""Lay out a page: lines with boxes in, paragraphs, headings, lists and tables in reading order out.

JSON ──decode──▶ PageLines ──cut──▶ Frames, Flows ──build──▶ Grids, Paragraphs ──label──▶ Blocks
recognized_lines.py        rules.py                ruled_grids.py, grids.py    text_labels.py
unread_script.py           page_margins.py         paragraphs.py               recognized.py
                           reading_order.py
page_parts.py runs the steps "cut" and "build"; orientation.py judges beforehand which way up a page stands.
"""
