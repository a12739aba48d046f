"""Engines carry a picture to a model and its answer back. They do not parse, cache or know files.

PredictionRequest ──▶ Engine (base.py) ──▶ Prediction            name ──registry.py──▶ ollama/, openai/ or embedded/
configuration.py: the settings they are made from                `auto` ──auto.py──▶ one of these
answers.py: prompts and growing answers, which all share         http/: the client under ollama/ and openai/
orientation/: which way up a page stands, which is no engine but a picture's question to a model too
"""
