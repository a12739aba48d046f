"""The values that flow through the program. They are frozen and do no I/O.

PageInfo ──render──▶ PageImage ──predict──▶ Prediction ──parse──▶ Page ──collect──▶ Document
images.py            images.py              predictions.py        documents.py, blocks.py
TextLayer ──judge and parse──────────────────────────────────────▶ Page
text_layers.py
Places and turns of all of them: geometry.py, turning.py, orientation.py. A second reading: second_opinions.py.
"""
