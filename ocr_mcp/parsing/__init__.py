"""Turns what an engine wrote into blocks. Pure: no I/O, no clock, no settings."""
