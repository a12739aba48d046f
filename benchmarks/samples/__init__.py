"""Pages with known text, for the entry points that judge what is read."""
