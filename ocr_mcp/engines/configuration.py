"""The settings that engines are made from."""

from typing import Protocol

from pydantic import SecretStr

from ocr_mcp.engines.http.deadlines import EngineTimeouts
from ocr_mcp.families.base import ModelFamily
from ocr_mcp.families.registry import family_named


class EngineSettings(Protocol):
    """The part of `ocr_mcp.settings.Settings` that engines read; `docs/reference.md` describes each setting."""

    model: str | None
    profile: str | None
    ollama_host: str
    ollama_parallel: int
    ollama_keep_alive: str | None
    ollama_api_key: SecretStr | None
    allow_cloud: bool
    openai_base_url: str | None
    openai_api_key: SecretStr | None
    openai_parallel: int
    embedded_workers: int | None
    first_output_seconds: float
    stall_seconds: float
    page_seconds: float


def engine_timeouts(settings: EngineSettings) -> EngineTimeouts:
    """Return the limits on how long an answer may take."""
    return EngineTimeouts(
        first_output_seconds=settings.first_output_seconds,
        stall_seconds=settings.stall_seconds,
        total_seconds=settings.page_seconds,
    )


def configured_family(settings: EngineSettings) -> ModelFamily | None:
    """Return the model family that the settings name, None if they leave it to the model's name."""
    return family_named(settings.profile) if settings.profile else None


def secret_value(secret: SecretStr | None) -> str | None:
    """Return the text of a secret."""
    return secret.get_secret_value() if secret else None
