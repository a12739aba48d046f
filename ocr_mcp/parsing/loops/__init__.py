"""Watches an answer while it grows, and tells when the model began to repeat itself (docs/loops.md).

Piece of an answer ──look──▶ Exact repetition: proof            ──▶ StopReason.LOOP, or a Loop that is suspected
guard.py                     periods.py
                             All but the numbers repeats: suspicion, later proof
                             likely_loops.py, masked_text.py, counters.py
"""
