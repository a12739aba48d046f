"""What a server that a test starts must be told: clients pass on almost nothing of their own environment."""

import os
import tempfile

from tests.doubles.ollama_server import OllamaDouble


def environment(ollama: OllamaDouble) -> dict[str, str]:
    """Where Ollama is, the cache of this test alone, and the folder that tests write their documents to."""
    return {
        "OLLAMA_HOST": ollama.url,
        "OCR_MCP_CACHE_FOLDER": os.environ["OCR_MCP_CACHE_FOLDER"],
        "OCR_MCP_ALLOWED_FOLDERS": tempfile.gettempdir(),
    }
