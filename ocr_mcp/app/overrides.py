"""Settings as a Python program gives them."""

from collections.abc import Mapping

from ocr_mcp.errors import UsageError
from ocr_mcp.settings import Settings, load_settings


def chosen_settings(settings: Settings | None, overrides: Mapping[str, object]) -> Settings:
    """Return the settings that were given, or those of the environment with fields replaced. Raises `UsageError`."""
    if settings is not None:
        if overrides:
            raise UsageError(
                "Settings were given twice, whole and field by field.",
                hint="Change fields with settings.model_copy(update={…}).",
            )
        return settings
    unknown = sorted(overrides.keys() - Settings.model_fields.keys())
    if unknown:
        raise UsageError(f"There is no setting '{unknown[0]}'.", hint="docs/reference.md lists the settings.")
    return load_settings(**overrides)
