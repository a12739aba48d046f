"""The child process that decodes, measures and draws documents. No module of the parent process imports this room.

file bytes ──open──▶ Pages ──render──▶ JPEG picture ──measure──▶ ink, levelness
worker.py            pages.py          pdf_pages.py              ink.py
                       │               picture_pages.py          levelness.py
                       ├──text layer──▶ text_extraction.py, font_facts.py, unseen_text.py, snippets.py
                       └──whole scan──▶ whole_scan.py, plain_jpeg.py
"""
