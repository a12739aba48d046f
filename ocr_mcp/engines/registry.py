"""The engines by name, each imported when it is first wanted. Cheap to import."""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal, Protocol, cast, get_args

from ocr_mcp.errors import UnknownEngineError

if TYPE_CHECKING:
    from ocr_mcp.engines.base import Engine
    from ocr_mcp.engines.configuration import EngineSettings
    from ocr_mcp.families.base import ModelFamily

EngineName = Literal["auto", "ollama", "openai", "embedded"]
ENGINE_NAMES: tuple[EngineName, ...] = get_args(EngineName)


@dataclass(frozen=True)
class EngineEntry:
    """An engine that the user can name.

    Modules are named from this package on. `module` has a function `make_engine` as `EngineModule` says; it is None for
    a name that stands for a choice between other engines. `client_module` has a function `load` that imports what the
    first request needs; it is None where no import takes long.
    """

    name: EngineName
    module: str | None = None
    client_module: str | None = None


class EngineModule(Protocol):
    """The module of an engine."""

    def make_engine(self, settings: "EngineSettings", profile: "ModelFamily | None") -> "Engine":
        """Make the engine. `profile` replaces the family that the settings or the model's name say.

        Raises `EngineUnavailableError` where a setting that it needs is missing.
        """
        ...


class _ClientModule(Protocol):
    def load(self) -> None: ...


ENGINES: tuple[EngineEntry, ...] = (
    EngineEntry("auto", client_module="ollama.client"),
    EngineEntry("ollama", "ollama.engine", "ollama.client"),
    EngineEntry("openai", "openai.engine", "openai.client"),
    EngineEntry("embedded", "embedded.engine"),
)


def engine_entry(name: str) -> EngineEntry:
    """Return the engine that a user means by a name, in any case. Raises `UnknownEngineError`."""
    wanted = name.strip().lower()
    found = next((entry for entry in ENGINES if entry.name == wanted), None)
    if found is None:
        raise unknown_engine(wanted)
    return found


def make_engine(name: str, settings: "EngineSettings", *, profile: "ModelFamily | None" = None) -> "Engine":
    """Make the engine of that name. `profile` replaces the family that the settings or the model's name say.

    Raises `UnknownEngineError`, also for `auto`, which is a choice between engines, and `EngineUnavailableError` where
    a setting that the engine needs is missing.
    """
    module = engine_entry(name).module
    if module is None:
        raise UnknownEngineError(f"'{name}' chooses between engines and is none itself.", hint="Name one of them.")
    return cast("EngineModule", _imported(module)).make_engine(settings, profile)


def load_client(name: str) -> None:
    """Import ahead what the first request of an engine needs; this takes some hundred milliseconds.

    Raises `UnknownEngineError`.
    """
    module = engine_entry(name).client_module
    if module is not None:
        cast("_ClientModule", _imported(module)).load()


def _imported(module: str) -> object:
    return import_module(f"ocr_mcp.engines.{module}")


def unknown_engine(name: str) -> UnknownEngineError:
    """Return the error for an engine name that does not exist."""
    return UnknownEngineError(f"There is no engine '{name[:40]}'.", hint=f"The engines are {', '.join(ENGINE_NAMES)}.")
