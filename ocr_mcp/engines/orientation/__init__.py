"""Finds out which way up a page is, in a worker process.

picture ──pool.py──▶ worker.py ──▶ quick_check.py, where its lines are known to be level ──▶ upright, or no answer
                               ──▶ check.py: the lines of the page, turned four ways ──▶ degrees
                                   models.py: the three models that both use
"""
