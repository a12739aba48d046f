"""Compares two readings of the same page."""
