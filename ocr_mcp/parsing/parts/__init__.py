"""Merges the readings of overlapping parts of a page."""
