"""Turn what engines write, and what PDFs carry, into blocks. Pure: no I/O, no clock, no settings.

Prediction ──────parse──────▶ ParsedAnswer ──merge──▶ ParsedAnswer ──join──▶ Pages with whole words and tables
answers.py  vlm/ layout/ charts/             parts/                 joining/
TextLayer ───judge, build───▶ Blocks
            text_layer/
loops/ detects answers that repeat themselves, and comparison/ compares two readings of one page.
"""
