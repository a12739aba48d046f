"""The parts of a model in Ollama, and making a model from parts: `/api/show`, `/api/blobs`, `/api/create`.

Source [O]: Ollama's server/create.go and server/routes.go; every version since 0.13 takes `files`. httpx directly,
because the `ollama` package (0.6.3) neither tells how far an upload is nor sends a renderer or parser. Imports httpx,
so it is imported when first needed.
"""

import json
import re
from collections.abc import AsyncGenerator, Callable
from http import HTTPStatus
from typing import cast

import pydantic
from pydantic import JsonValue

from ocr_mcp.engines.http.client import EngineHttp, get_json, posting, transport_errors
from ocr_mcp.engines.http.deadlines import Deadlines, EngineTimeouts
from ocr_mcp.engines.http.errors import Server, broken, ended_early, http_error, not_the_protocol
from ocr_mcp.engines.ollama.edited_files import EditedFile, ReportBytes
from ocr_mcp.engines.ollama.special_tokens import dropped_marks, known_marks
from ocr_mcp.errors import ModelMissingError
from ocr_mcp.model.geometry import Frozen

_TIMEOUTS = EngineTimeouts(first_output_seconds=120, stall_seconds=600, total_seconds=4 * 3600)
_PART = re.compile(
    r'^(?P<kind>FROM|ADAPTER) "?(?P<path>[^\n"]*?sha256[-:](?P<digest>[0-9a-f]{64}))"?[ \t]*$', re.MULTILINE
)
_NAMED = re.compile(r"^(?P<kind>RENDERER|PARSER) (?P<name>\S+)[ \t]*$", re.MULTILINE)
_OK, _CREATED = HTTPStatus.OK, HTTPStatus.CREATED

Say = Callable[[str], None]


class ModelPart(Frozen):
    """A file of a model: its path on Ollama's machine, and the SHA-256 of its content in hex."""

    path: str
    digest: str


class ModelParts(Frozen):
    """A model as `/api/show` describes it.

    `marks` are the special tokens of a known family that its vocabulary has, and `dropped` those of them that llama.cpp
    leaves out of answers; both None where the vocabulary is not shown.
    """

    files: tuple[ModelPart, ...]
    adapters: tuple[ModelPart, ...]
    settings: dict[str, JsonValue]
    marks: tuple[str, ...] | None
    dropped: tuple[str, ...] | None


class _Shown(pydantic.BaseModel):
    modelfile: str = ""
    parameters: str = ""
    template: str = ""
    system: str = ""
    license: str = ""
    requires: str = ""
    messages: list[JsonValue] | None = None
    model_info: dict[str, JsonValue] | None = None


class OllamaLibrary:
    """The models of one Ollama at `url`."""

    def __init__(self, url: str, *, api_key: str | None) -> None:
        self.server = Server(
            name="Ollama",
            url=url,
            start_hint="Start it with 'ollama serve', or set OLLAMA_HOST to where it runs.",
            model_hint="'ollama list' shows the models that are there.",
        )
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._http = EngineHttp(url, timeouts=_TIMEOUTS, headers=headers)

    async def version(self) -> str:
        """Return the version that the server says it has."""
        with Deadlines(_TIMEOUTS, server=self.server.title):
            body = await get_json(self._http, "/api/version", server=self.server, model="")
        return str(self._object(body).get("version", ""))

    async def parts(self, model: str) -> ModelParts | None:
        """Return the parts of a model; None if there is no such model."""
        with Deadlines(_TIMEOUTS, server=self.server.title), transport_errors(self.server):
            response = await self._http.post("/api/show", json={"model": model, "verbose": True})
        if response.status_code != _OK:
            error = http_error(self.server, model=model, status=response.status_code, body=response.content)
            if isinstance(error, ModelMissingError):
                return None
            raise error
        try:
            return _parts(_Shown.model_validate_json(response.content))
        except pydantic.ValidationError as error:
            raise not_the_protocol(self.server, "does not describe the model as Ollama does") from error

    async def upload(self, digest: str, file: EditedFile, report: ReportBytes) -> None:
        """Send Ollama the bytes of a file whose SHA-256 is `digest`, unless it has them."""
        path = f"/api/blobs/sha256:{digest}"
        with transport_errors(self.server):
            if (await self._http.head(path)).status_code == _OK:
                return
            with Deadlines(_TIMEOUTS, server=self.server.title) as deadlines:
                content = _note_output_of(file.chunks(report), deadlines)
                headers = {"Content-Length": str(file.size), "Content-Type": "application/octet-stream"}
                response = await self._http.post(path, content=content, headers=headers)
        if response.status_code not in {_OK, _CREATED}:
            raise http_error(self.server, model="", status=response.status_code, body=response.content)

    async def create(self, model: str, body: dict[str, JsonValue], say: Say) -> None:
        """Make a model from files that Ollama has; `say` is called with each status that it reports."""
        status = ""
        with Deadlines(_TIMEOUTS, server=self.server.title) as deadlines:
            asked = [json.dumps({"model": model, "stream": True, **body}).encode("ascii")]
            async with posting(self._http, "/api/create", asked, server=self.server, model=model) as lines:
                async for line in lines:
                    deadlines.note_output()
                    said = self._object(line)
                    if "error" in said:
                        raise broken(self.server, str(said["error"]))
                    status = str(said.get("status", status))
                    say(status)
        if status != "success":
            raise ended_early(self.server, "stopped before the model was made")

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    def _object(self, body: bytes) -> dict[str, JsonValue]:
        try:
            value = cast("JsonValue", json.loads(body))
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise not_the_protocol(self.server, "does not answer as Ollama does")
        return value


async def _note_output_of(chunks: AsyncGenerator[bytes], deadlines: Deadlines) -> AsyncGenerator[bytes]:
    async for chunk in chunks:
        deadlines.note_output()
        yield chunk


def _parts(shown: _Shown) -> ModelParts:
    found = {"FROM": list[ModelPart](), "ADAPTER": list[ModelPart]()}
    for match in _PART.finditer(shown.modelfile):
        found[match["kind"]].append(ModelPart(path=match["path"], digest=match["digest"]))
    vocabulary = _vocabulary(shown.model_info or {})
    return ModelParts(
        files=tuple(found["FROM"]),
        adapters=tuple(found["ADAPTER"]),
        settings=_settings(shown),
        marks=None if vocabulary is None else known_marks(vocabulary[0]),
        dropped=None if vocabulary is None else dropped_marks(*vocabulary),
    )


def _settings(shown: _Shown) -> dict[str, JsonValue]:
    """Return all that a model has beside its files, as `/api/create` takes it, without the empty entries."""
    settings: dict[str, JsonValue] = {
        "template": shown.template,
        "system": shown.system,
        "license": shown.license,
        "requires": shown.requires,
        "messages": shown.messages,
        "parameters": _parameters(shown.parameters),
        **{match["kind"].lower(): match["name"] for match in _NAMED.finditer(shown.modelfile)},
    }
    return {name: value for name, value in settings.items() if value}


def _parameters(text: str) -> dict[str, JsonValue]:
    """Parse lines like `stop  "<x>"`. A name that comes again makes a list, and `stop` always is one."""
    found: dict[str, list[JsonValue]] = {}
    for line in text.splitlines():
        name, _, value = line.strip().partition(" ")
        if value.strip():
            found.setdefault(name, []).append(_value(value.strip()))
    return {name: values if name == "stop" or len(values) > 1 else values[0] for name, values in found.items()}


def _value(text: str) -> JsonValue:
    try:
        return cast("JsonValue", json.loads(text))
    except ValueError:
        return text


def _vocabulary(info: dict[str, JsonValue]) -> tuple[list[str], list[int]] | None:
    """Return tokens and their types, None where `verbose` did not bring both."""
    tokens, types = (info.get(f"tokenizer.ggml.{name}") for name in ("tokens", "token_type"))
    if not isinstance(tokens, list) or not isinstance(types, list) or not tokens or len(tokens) != len(types):
        return None
    return [str(token) for token in tokens], [each if isinstance(each, int) else 0 for each in types]
