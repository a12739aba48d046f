"""Joins what the end of a page or of a line has parted.

Pages ──follow_tables──▶ Pages whose tables say which table they continue      continued_tables.py
Blocks ──join_broken_words──▶ Blocks without words broken at line ends         hyphens.py
"""
