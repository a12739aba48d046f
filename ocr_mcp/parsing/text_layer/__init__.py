"""Read the text that a PDF page carries: judge how far to trust it, and make blocks of it.

TextLayer ──judge──▶ TextLayerVerdict ──build──▶ Blocks ──insert──▶ Blocks of the page and of its pictures
            trust.py                    blocks.py         picture_regions.py
                                        runs.py, accents.py
hidden_text.py reports text that a reader of the page does not see.
"""
