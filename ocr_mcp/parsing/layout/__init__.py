"""Lines with boxes become paragraphs, tables and headings in reading order."""
