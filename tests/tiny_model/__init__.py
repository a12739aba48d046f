"""A DeepSeek-OCR of a few megabytes that recites chosen texts.

The architecture is the real one (SAM, CLIP and a projector in front of a deepseek2-ocr mixture of experts), so that a
real llama-server loads it, cuts pictures into tiles and counts tokens as it does for the published model. Nothing is
trained: nearly all weights are zero, and the few others are set by hand to make greedy decoding recite a script.

1. *Which page.* The vision path hands on the colour of every patch, and one attention head averages it over the
   picture. Each page of the script has a hue; the hue of the band on the picture (`page_picture`) chooses the page.
2. *Which of its two texts.* A second head looks for `<|grounding|>` in the prompt.
3. *How it goes on.* A Markov chain from `token_embd` to `output`: each token names its successor. Markup such as
   `<|ref|>` has many successors, so two more heads remember the last token that occurs only once in the script.

It proves protocol, image hand-over, token accounting, streaming, cancellation and errors. It proves nothing about
reading.
"""

from tests.tiny_model.files import TinyModel, write_tiny_model
from tests.tiny_model.pages import ScriptedPage, page_picture
from tests.tiny_model.script import MARKUP

__all__ = ["MARKUP", "ScriptedPage", "TinyModel", "page_picture", "write_tiny_model"]
