"""Turns documents into text. Pure: no I/O, no clock, no settings."""
