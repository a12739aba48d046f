"""Hostile documents and messages, made the same on every run."""
