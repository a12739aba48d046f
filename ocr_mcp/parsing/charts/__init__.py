"""Turns the model's description of a figure into data: its kind, its table, and a record for each value of a chart.

Answer ──parse──▶ Figure with rows ──flatten──▶ Records ──read──▶ Numbers and units
figures.py                          records.py            numbers.py
"""
