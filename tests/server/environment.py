"""What a server that a test starts must be told: clients pass on almost nothing of their own environment."""

import os

from tests.doubles.ollama_server import OllamaDouble


def environment(ollama: OllamaDouble) -> dict[str, str]:
    """Where Ollama is, and the cache of this test alone."""
    return {"OLLAMA_HOST": ollama.url, "OCR_MCP_CACHE_FOLDER": os.environ["OCR_MCP_CACHE_FOLDER"]}
