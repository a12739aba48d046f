"""Reads many documents, one after the other, each to its own result. Knows no terminal and no front end.

BatchRequest ──plan.py──▶ Jobs ──run.py, a document at a time──▶ pages ──writers.py, source_writers.py──▶ output.py
request.py                       │                                       which of them: formats.py
                                 ├──▶ Observer (observer.py): whoever shows how far it is
                                 └──▶ DocumentSummary (summary.py) ──▶ a line of the report (report.py)
"""
