"""Detects answers that repeat themselves."""
