"""Model names as Ollama compares them, and which profile they mean."""

from ocr_mcp.errors import CloudModelError, EngineRefusedError
from ocr_mcp.families.base import DEEPSEEK_OCR, ModelProfile

DEFAULT_MODEL = "deepseek-ocr"

_PROFILES = (DEEPSEEK_OCR,)
# Another model with other tokens and fewer prompts, whose GGUF names the same family.
_NOT_DEEPSEEK_OCR = ("deepseek-ocr-2", "deepseek-ocr2")


def same_model(one: str, other: str) -> bool:
    """Whether two names mean the same model: `deepseek-ocr` is `deepseek-ocr:latest`."""
    return full_name(one) == full_name(other)


def full_name(model: str) -> str:
    """Lower case, with a tag, without Ollama's own registry in front."""
    name = model.strip().lower().removeprefix("registry.ollama.ai/").removeprefix("library/")
    return name if ":" in name.rsplit("/", 1)[-1] else f"{name}:latest"


def retagged_name(model: str) -> str:
    """What a copy of a model that keeps its marks is called: `deepseek-ocr:3b` becomes `deepseek-ocr-tags:3b`."""
    base, colon, tag = model.strip().rsplit("/", 1)[-1].partition(":")
    return f"{base}-tags{colon}{tag}"


def refuse_cloud_name(model: str) -> None:
    """Raise `CloudModelError` for a name that Ollama runs on its own servers."""
    if model.strip().lower().endswith((":cloud", "-cloud")):
        raise CloudModelError(
            f"The model '{model}' runs in Ollama's cloud, so pages would leave this machine.",
            hint="Use a local model such as deepseek-ocr, or allow cloud models in the settings.",
        )


def profile_of(model: str, *, family: str | None) -> ModelProfile:
    """The profile for a model, by its name or by the family that its file states."""
    base = full_name(model).rsplit("/", 1)[-1].partition(":")[0]
    if not base.startswith(_NOT_DEEPSEEK_OCR):
        for profile in _PROFILES:
            if (family or "").lower() in profile.families or base.startswith(profile.families):
                return profile
    known = ", ".join(profile.name for profile in _PROFILES)
    raise EngineRefusedError(
        f"Nothing is known about how to ask the model '{model}' (family {family or 'not stated'}).",
        hint=f"Known families: {known}. If it is a variant of one of these, say so with OCR_MCP_PROFILE.",
    )
