"""The model families that this project knows, found by name or by what a server says of a model."""

from ocr_mcp.errors import EngineRefusedError, UsageError
from ocr_mcp.families.base import ModelFamily
from ocr_mcp.families.deepseek_ocr import DEEPSEEK_OCR
from ocr_mcp.families.rapidocr import RAPIDOCR

_families: dict[str, ModelFamily] = {}


def register(family: ModelFamily) -> None:
    """Make a family known by its name and by its models."""
    _families[family.name] = family


register(DEEPSEEK_OCR)
register(RAPIDOCR)

DEFAULT_FAMILY = DEEPSEEK_OCR
"""The family of the model that is asked for where no other is named, and of predictions that name no family."""

DEFAULT_MODEL = DEFAULT_FAMILY.ollama.default_model
"""The model that Ollama is asked for where no other is named."""


def find_family(model: str, *, stated: str | None = None) -> ModelFamily | None:
    """Return the family of a model, by its name or by the family that its file states; None for an unknown one."""
    base = model.strip().lower().rsplit("/", 1)[-1].partition(":")[0]
    for family in _families.values():
        is_alias = (stated or "").lower() in family.aliases or base.startswith(family.aliases)
        if is_alias and not base.startswith(family.not_these):
            return family
    return None


def require_family(model: str, *, stated: str | None = None) -> ModelFamily:
    """Return the family of a model as `find_family` does. Raises `EngineRefusedError` for an unknown one."""
    family = find_family(model, stated=stated)
    if family is not None:
        return family
    raise EngineRefusedError(
        f"Nothing is known about how to ask the model '{model}' (family {stated or 'not stated'}).",
        hint=f"Known families: {', '.join(askable_names())}."
        " If it is a variant of one of these, say so with OCR_MCP_PROFILE.",
    )


def family_named(name: str) -> ModelFamily:
    """Return the family with that name. Raises `UsageError`."""
    if name not in _families:
        raise unknown_family(name)
    return _families[name]


def unknown_family(name: str) -> UsageError:
    """Return the error for a name that is not in `askable_names`."""
    return UsageError(
        f"There is no model family '{name[:40]}'.", hint=f"The families are {', '.join(askable_names())}."
    )


def family_of_prediction(name: str | None) -> ModelFamily:
    """Return the family that a prediction names; `DEFAULT_FAMILY` for predictions from before they named one."""
    return DEFAULT_FAMILY if name is None else family_named(name)


def families_with_special_tokens() -> tuple[ModelFamily, ...]:
    """Return the families whose answers lose markup where a server drops special tokens."""
    return tuple(family for family in _families.values() if family.special_tokens)


def askable_names() -> list[str]:
    """Return the names of the families that servers run, which OCR_MCP_PROFILE takes; RapidOCR is not one of them."""
    return [family.name for family in _families.values() if family.aliases]
