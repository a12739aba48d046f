"""Measure how well pages are read: compare what programs read with ground truths that people wrote.

Cases ──read──▶ Outputs ──compare──▶ Scores ──average──▶ Summaries
loading.py      runs.py              scores.py           summaries.py
"""
