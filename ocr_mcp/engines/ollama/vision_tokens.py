"""The tokens that a picture took of a prompt, which Ollama counts only together with the text."""

from collections.abc import Iterable

from ocr_mcp.families.base import GenerationFacts, ModelFamily, OllamaGeneration

_MARKUP_TOKENS = 8
"""Begin of sentence, the line end before the prompt, and the tokens that a template may add."""


def counted_vision_tokens(
    family: ModelFamily,
    generation: OllamaGeneration | None,
    *,
    width: int,
    height: int,
    prompt: str,
    prompt_tokens: int | None,
) -> int | None:
    """Return the family's own count for a picture where the `prompt_tokens` that Ollama counted confirm it, else None.

    They confirm it if the number left for the prompt's text is at least 0 and at most a token a byte. Without a
    generation, the counts of exactly one generation must fit.
    """
    if prompt_tokens is None:
        return None
    max_text_tokens = len(prompt.encode()) + _MARKUP_TOKENS
    counts = {each.vision_tokens(width, height) for each in _possible(family, generation) if each.vision_tokens}
    fitting = {count for count in counts if 0 <= prompt_tokens - count <= max_text_tokens}
    return fitting.pop() if len(fitting) == 1 else None


def _possible(family: ModelFamily, generation: OllamaGeneration | None) -> Iterable[GenerationFacts]:
    return family.ollama.generations.values() if generation is None else (family.on_ollama(generation),)
