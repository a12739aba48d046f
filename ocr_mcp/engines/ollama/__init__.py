"""The engine `ollama`: one or several Ollamas.

OLLAMA_HOST ──hosts.py──▶ engine.py ──▶ node.py, one a host ──▶ client.py: /api/generate
                                        │ versions.py             models.py: which models there are and what they are
                                        vision_tokens.py: how many tokens a picture took
Models that drop special tokens: library.py makes a copy that keeps them (special_tokens.py, edited_files.py,
model_files.py), and mark_probe.py tries it.
"""
