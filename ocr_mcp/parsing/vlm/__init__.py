"""Answers of vision language models: regions with boxes, and Markdown."""
