"""The child process that writes searchable PDFs. No module of the parent process imports this room.

document, words ──▶ worker.py ──page by page──▶ text_under_page.py ──▶ PDF
                    pictures become pages       ├─ invisible_text.py: an earlier invisible layer goes
                                                └─ glyphless_font.py: one font for the words of all scripts
"""
