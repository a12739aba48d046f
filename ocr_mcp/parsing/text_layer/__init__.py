"""The text that a PDF carries: its blocks, and how far it can be trusted."""
