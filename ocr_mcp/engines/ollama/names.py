"""Names of models as Ollama compares them."""

from ocr_mcp.errors import CloudModelError
from ocr_mcp.families.registry import DEFAULT_MODEL

CLOUD_HINT = f"Use a local model such as {DEFAULT_MODEL}, or allow cloud models in the settings."


def same_model(one: str, other: str) -> bool:
    """Return True if two names mean the same model: `scanner` is `scanner:latest`."""
    return full_name(one) == full_name(other)


def full_name(model: str) -> str:
    """Return the name in lower case, with a tag, without Ollama's own registry in front."""
    name = model.strip().lower().removeprefix("registry.ollama.ai/").removeprefix("library/")
    return name if ":" in name.rsplit("/", 1)[-1] else f"{name}:latest"


def retagged_name(model: str) -> str:
    """Return the name for a copy of a model that keeps its special tokens: `scanner:3b` becomes `scanner-tags:3b`."""
    base, colon, tag = model.strip().rsplit("/", 1)[-1].partition(":")
    return f"{base}-tags{colon}{tag}"


def refuse_cloud_name(model: str) -> None:
    """Raise `CloudModelError` for a name that Ollama runs on its own servers."""
    if model.strip().lower().endswith((":cloud", "-cloud")):
        raise CloudModelError(
            f"The model '{model}' runs in Ollama's cloud, so pages would leave this machine.", hint=CLOUD_HINT
        )
