"""Makes a copy of an Ollama model whose answers keep the special tokens ("marks") of regions and cells.

The model's file is read with a few bytes changed on the way to Ollama: the original is never written to, and only
Ollama stores a second copy.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from anyio import to_thread
from pydantic import JsonValue

from ocr_mcp.engines.ollama.edited_files import Digests, EditedFile
from ocr_mcp.engines.ollama.library import ModelPart, ModelParts, OllamaLibrary
from ocr_mcp.engines.ollama.model_files import find_model_file, require_space
from ocr_mcp.engines.ollama.names import same_model
from ocr_mcp.engines.ollama.special_tokens import MarkTypes, read_mark_types
from ocr_mcp.engines.ollama.versions import generation_of
from ocr_mcp.errors import ModelFileError, ModelMissingError, UsageError
from ocr_mcp.families.base import OllamaGeneration
from ocr_mcp.families.registry import families_with_special_tokens


@dataclass(frozen=True, slots=True)
class RetagRequest:
    """A model and the name for its copy.

    `gguf` is a copy of the model's file, None to take Ollama's own; `models_folder` is OLLAMA_MODELS.
    """

    model: str
    copy: str
    gguf: Path | None = None
    models_folder: str | None = None


@dataclass(frozen=True, slots=True)
class RetagPlan:
    """The work to do. `needs_bytes` is the space that Ollama needs, for a while twice the size for split models."""

    request: RetagRequest
    parts: ModelParts
    text_part: ModelPart
    file: EditedFile
    types: MarkTypes
    needs_bytes: int


@dataclass(frozen=True, slots=True)
class RetagObserver:
    """Functions called while the copy is made.

    `stage` is called with the name and the bytes of each stage (0 where they do not matter), `done` with the bytes
    that are done, `say` with each status that Ollama reports.
    """

    stage: Callable[[str, int], None]
    done: Callable[[int], None] = lambda _: None
    say: Callable[[str], None] = lambda _: None


class Retagging:
    """Makes the copy, step by step: `why_not_needed`, `plan`, `make`."""

    def __init__(self, library: OllamaLibrary, request: RetagRequest) -> None:
        if same_model(request.model, request.copy):
            raise UsageError(
                "The copy needs another name than the model: the original stays as it is.", hint="Give it with --name."
            )
        self._library = library
        self._request = request

    async def why_not_needed(self) -> str | None:
        """Return a reason where this Ollama drops nothing that the model writes; None where a copy would help."""
        version = await self._library.version()
        if generation_of(version) is OllamaGeneration.A:
            return f"Ollama {version} keeps the marks of '{self._request.model}': no copy is needed."
        parts = await self._parts()
        if parts.dropped == ():
            return f"The marks of '{self._request.model}' already are of the type that Ollama keeps."
        return None

    async def plan(self) -> RetagPlan:
        """Find the file and the bytes to change in it. Raises `ModelFileError` where there is none."""
        parts = await self._parts()
        if not parts.files:
            raise ModelFileError(
                f"{self._library.server.title} does not say which file '{self._request.model}' is made of.",
                hint="It may be a model of another format than GGUF, which has no such marks to lose.",
            )
        for part in parts.files:
            path = self._path_of(part)
            types = await to_thread.run_sync(read_mark_types, path)
            if types is not None:
                return self._planned(parts, part, path, types)
        raise ModelFileError(f"No file of '{self._request.model}' has a vocabulary.")

    async def make(self, plan: RetagPlan, observer: RetagObserver) -> bool:
        """Make the copy. Returns False if it is there already, made from this very file."""
        observer.stage("Looking at the model", plan.file.size)
        digests = await plan.file.digests(observer.done)
        self._check_original(plan, digests)
        if await self._is_there(digests.edited):
            return False
        observer.stage("Giving Ollama the copy", plan.file.size)
        await self._library.upload(digests.edited, plan.file, observer.done)
        observer.stage("Ollama makes the model", 0)
        await self._library.create(self._request.copy, _body(plan, digests.edited), observer.say)
        await self._require_kept()
        return True

    async def _parts(self) -> ModelParts:
        parts = await self._library.parts(self._request.model)
        if parts is None:
            raise ModelMissingError(
                f"{self._library.server.title} has no model '{self._request.model}'.",
                hint=f"Run 'ollama pull {self._request.model}' there.",
            )
        return parts

    def _path_of(self, part: ModelPart) -> Path:
        if self._request.gguf is not None:
            return self._request.gguf
        url, folder = self._library.server.url, self._request.models_folder
        return find_model_file(part, url=url, models_folder=folder)

    def _planned(self, parts: ModelParts, part: ModelPart, path: Path, types: MarkTypes) -> RetagPlan:
        if not types.known:
            families = families_with_special_tokens()
            marks = " or ".join(f"{each.title} ({', '.join(each.special_tokens)})" for each in families)
            names = " or ".join(each.name for each in families)
            raise ModelFileError(
                f"'{self._request.model}' has none of the marks of {marks}.",
                hint=f"This is for {names} and models made from it.",
            )
        file = EditedFile(path, types.edits)
        # [O] server/create.go: a file without an image encoder in it is written once more, to check it.
        needs = file.size * (1 if len(parts.files) == 1 else 2)
        if self._request.gguf is None:
            require_space(path.parent, needs)
        return RetagPlan(self._request, parts, part, file, types, needs)

    def _check_original(self, plan: RetagPlan, digests: Digests) -> None:
        """Require the SHA-256 that Ollama states: that a server names a path is not reason enough to send the file."""
        if digests.original == plan.text_part.digest:
            return
        whose = "Take the file that Ollama names" if self._request.gguf else "Pull the model again: its file is damaged"
        raise ModelFileError(
            f"'{plan.file.path}' is not the file of '{self._request.model}': its SHA-256 is {digests.original[:12]}…,"
            f" not {plan.text_part.digest[:12]}….",
            hint=f"{whose} ({plan.text_part.path}).",
        )

    async def _is_there(self, digest: str) -> bool:
        """Return True if the copy exists. Raises `UsageError` where another model, which must stay, has its name."""
        copy = await self._library.parts(self._request.copy)
        if copy is None:
            return False
        if not copy.marks or copy.dropped:
            raise UsageError(
                f"There is a model '{self._request.copy}' already, and it is no such copy.",
                hint=f"Choose another name with --name, or remove it with 'ollama rm {self._request.copy}'.",
            )
        return any(part.digest == digest for part in copy.files)

    async def _require_kept(self) -> None:
        """Require that the copy keeps its tokens, as far as Ollama tells their types; else only an answer shows it."""
        copy = await self._library.parts(self._request.copy)
        if copy is None or copy.dropped:
            raise ModelFileError(
                f"Ollama made '{self._request.copy}' otherwise than from the file that it was given.",
                hint=f"Remove it ('ollama rm {self._request.copy}') and report this with your version of Ollama.",
            )


def _body(plan: RetagPlan, digest: str) -> dict[str, JsonValue]:
    files: dict[str, JsonValue] = {
        f"part-{number}.gguf": f"sha256:{digest if part is plan.text_part else part.digest}"
        for number, part in enumerate(plan.parts.files, 1)
    }
    adapters: dict[str, JsonValue] = {
        f"adapter-{number}.gguf": f"sha256:{part.digest}" for number, part in enumerate(plan.parts.adapters, 1)
    }
    return {"files": files, **({"adapters": adapters} if adapters else {}), **plan.parts.settings}
