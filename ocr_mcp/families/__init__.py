"""Facts about model families as data, one file a family.

a model's name, or what a server says of it ──registry.py──▶ ModelFamily (base.py): prompts, grammar, limits, raster
deepseek_ocr.py, rapidocr.py: one family each. A new one is a new file and a line of registry.py.
"""
