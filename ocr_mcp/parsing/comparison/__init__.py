"""Compares a page's text with a second reading of the same page: how far they agree, and where they differ.

Texts ──fold──▶ Letters and digits ──match──▶ Line parts in their places ──compare──▶ Differences
folding.py                          matching.py                           changed_words.py, comparing.py

`read` names what the page's text says, `seen` what the second reading says.
"""
