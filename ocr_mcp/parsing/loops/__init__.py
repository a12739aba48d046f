"""Watches an answer while it grows, and tells when the model began to repeat itself (docs/loops.md).

Pieces of an answer ──▶ LoopGuard ──▶ StopReason.LOOP, or a suspicion
                        guard.py
      exact repetition: periods.py         all but the numbers repeats: likely_loops.py, masked_text.py, counters.py
"""
