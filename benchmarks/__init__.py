"""Measurements of speed, endurance and quality; README.md lists the entry points, docs/benchmarks.md the figures."""
