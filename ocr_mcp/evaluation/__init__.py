"""How well pages are read: ground truths, the programs that read them, the distances between both.

Cases ──read──▶ Outputs ──compare──▶ Scores ──average──▶ Summaries
loading.py      runs.py              scores.py           summaries.py
"""
