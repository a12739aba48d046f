"""Settings from the environment. Nothing below this module reads the environment."""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from ocr_mcp.engines.registry import EngineName, unknown_engine
from ocr_mcp.errors import UsageError
from ocr_mcp.families.registry import askable_names, unknown_family
from ocr_mcp.model.options import Rotate


def _folders(value: object) -> object:
    if isinstance(value, str):
        return tuple(Path(part).expanduser() for part in value.split(os.pathsep) if part.strip())
    return value


def _names(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _known_family(value: str | None) -> str | None:
    if value is not None and value not in askable_names():
        raise ValueError("no such model family")
    return value


class Settings(BaseSettings):
    """Each field is the environment variable `OCR_MCP_<NAME>`; `docs/reference.md` lists them.

    `ollama_host` takes what Ollama's own `OLLAMA_HOST` takes, several separated by commas; without
    `OCR_MCP_OLLAMA_HOST` it is `OLLAMA_HOST`, and `ollama_models` likewise. `allowed_folders` (separated like PATH)
    None means every file that the user may read.
    """

    model_config = SettingsConfigDict(env_prefix="OCR_MCP_", extra="ignore", frozen=True, populate_by_name=True)

    engine: EngineName = "auto"
    model: str | None = None
    profile: str | None = None
    ollama_host: str = Field(
        default="", validation_alias=AliasChoices("ollama_host", "OCR_MCP_OLLAMA_HOST", "OLLAMA_HOST")
    )
    ollama_models: str | None = Field(
        default=None, validation_alias=AliasChoices("ollama_models", "OCR_MCP_OLLAMA_MODELS", "OLLAMA_MODELS")
    )
    ollama_parallel: int = Field(default=1, ge=1, le=64)
    ollama_keep_alive: str | None = None
    ollama_api_key: SecretStr | None = None
    allow_cloud: bool = False
    openai_base_url: str | None = None
    openai_api_key: SecretStr | None = None
    openai_parallel: int = Field(default=32, ge=1, le=1024)
    embedded_workers: int | None = Field(default=None, ge=1, le=256)
    first_output_seconds: float = Field(default=300, gt=0)
    stall_seconds: float = Field(default=60, gt=0)
    page_seconds: float = Field(default=900, gt=0)
    render_workers: int = Field(default=2, ge=1, le=64)
    render_seconds: float = Field(default=20, gt=0)
    loop_fallback: bool = True
    rotate: Rotate = Rotate.AUTO
    join_hyphens: bool = True
    verify: bool = False
    engine_wait_seconds: float = Field(default=60, ge=0)
    cache_mb: int = Field(default=1024, ge=0)
    cache_folder: Path | None = None
    allowed_folders: Annotated[tuple[Path, ...] | None, NoDecode] = None
    output_folders: Annotated[tuple[Path, ...], NoDecode] = ()
    allow_url: bool = False
    max_source_mb: int = Field(default=512, ge=1, le=4096)
    http_token: SecretStr | None = None
    http_allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "WARNING"

    _check_profile = field_validator("profile")(_known_family)
    _split_hosts = field_validator("http_allowed_hosts", mode="before")(_names)
    _split_folders = field_validator("allowed_folders", "output_folders", mode="before")(_folders)


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment; `overrides` (flags of the command line) win, None means "not given".

    Raises `UsageError` that names the variable and what is wrong with it.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings.model_validate(Settings().model_dump() | given) if given else Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        if name == "engine":
            raise unknown_engine(str(first["input"])) from error
        if name == "profile":
            raise unknown_family(str(first["input"])) from error
        variable = name if name.isupper() else f"OCR_MCP_{name.upper()}"
        raise UsageError(f"{variable}: {first['msg']}.", hint="docs/reference.md lists the settings.") from error
