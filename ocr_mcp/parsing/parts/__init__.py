"""Merge the answers to overlapping parts of one page into one answer, with each line and block once.

PartAnswers ─┬─lines──▶ RecognizedPage ──lay out──▶ ParsedAnswer
merging.py   │  merged_lines.py          layout/recognized.py
             └─blocks─▶ ParsedAnswer
                merged_blocks.py
stitching.py joins two texts of which the second begins before the first ends.
"""
