"""Engines carry a picture to a model and its answer back. They do not parse, cache or know files."""
