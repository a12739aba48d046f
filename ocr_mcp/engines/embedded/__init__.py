"""The engine `embedded`: RapidOCR in worker processes.

picture ──engine.py──▶ worker.py: height of letters (letters.py) ──▶ lines, split at gutters (splits.py) ──▶ JSON
                                 rules, bullets and bold (marks.py) ────────────────────────────────────────▶ JSON
"""
