"""Local OCR for people and agents: pages in, Markdown with boxes out, nothing leaves the machine."""

__version__ = "0.1.0"
