"""Ollama's models folder, as its server keeps it: blobs by digest, models made of them (server/create.go, routes.go).

It takes what Ollama takes and refuses what Ollama refuses, in its words.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gguf import GGUFReader, TokenType
from pydantic import JsonValue

from tests.doubles.http_server import Exchange, RecordedRequest

Body = Mapping[str, object]


class RefusedError(Exception):
    """What Ollama answers with an error: status and text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


@dataclass
class StoredModel:
    """A model: its files by digest, in order, and the rest of what `/api/create` was given."""

    digests: list[str]
    rest: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])

    @property
    def digest(self) -> str:
        """Of its manifest."""
        return hashlib.sha256(json.dumps([self.digests, self.rest]).encode()).hexdigest()


class ModelFolder:
    """`path` is OLLAMA_MODELS; `shown_path` is what `/api/show` calls it: another one where it runs in a container."""

    def __init__(self, path: Path, *, shown_path: Path | None = None) -> None:
        self.path = path
        self.shown_path = shown_path or path
        self.models: dict[str, StoredModel] = {}
        (path / "blobs").mkdir(parents=True)

    def add(self, name: str, *files: Path, **rest: JsonValue) -> None:
        """What `ollama pull` leaves: a model of these files."""
        self.models[name] = StoredModel([self._keep(file.read_bytes()) for file in files], rest)

    def blob(self, digest: str) -> Path:
        """Where the bytes of that SHA-256, in hex, are."""
        return self.path / "blobs" / f"sha256-{digest}"

    def has(self, name: str) -> bool:
        """Whether there is such a model."""
        return _full(name) in self.models

    def listed(self) -> list[dict[str, object]]:
        """What `/api/tags` says of each model that is its own."""
        return [{"name": name, "model": name, "digest": each.digest} for name, each in self.models.items()]

    async def answer(self, exchange: Exchange) -> bool:
        """Answer a request about blobs or for a new model; False for any other."""
        path = exchange.request.path
        try:
            if path.startswith("/api/blobs/"):
                await exchange.send_head(self._blob_status(exchange.request, path.removeprefix("/api/blobs/")))
                return True
            if path == "/api/create":
                lines = self._create(exchange.request.body)
                exchange.start("application/x-ndjson")
                await exchange.finish(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
                return True
        except RefusedError as error:
            await exchange.send_json({"error": error.text}, status=error.status)
            return True
        return False

    def _blob_status(self, request: RecordedRequest, digest: str) -> int:
        """HEAD asks whether the bytes are there, POST brings them."""
        if re.fullmatch(r"sha256[:-][0-9a-fA-F]{64}", digest) is None:
            raise RefusedError(400, "invalid digest format")
        if self.blob(_hex(digest)).exists():
            return 200
        if request.method == "HEAD":
            return 404
        found = hashlib.sha256(request.raw).hexdigest()
        if found != _hex(digest):
            raise RefusedError(400, f'digest mismatch, expected "{digest}", got "sha256:{found}"')
        self._keep(request.raw)
        return 201

    def _create(self, body: Body) -> list[dict[str, JsonValue]]:
        files = body.get("files")
        if not isinstance(files, dict) or not files:
            raise RefusedError(400, "neither 'from' or 'files' was specified")
        digests = [_hex(str(files[name])) for name in sorted(files)]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  any JSON
        for digest in digests:
            if not self.blob(digest).exists():
                return [{"status": "parsing GGUF"}, {"error": f"open {self.blob(digest)}: no such file or directory"}]
            if self.blob(digest).read_bytes()[:4] != b"GGUF":
                return [{"status": "parsing GGUF"}, {"error": "supplied file was not in GGUF format"}]
        known = ("template", "parameters", "system", "license", "renderer", "parser", "requires", "messages")
        rest: dict[str, JsonValue] = {name: body[name] for name in known if name in body}  # pyright: ignore[reportAssignmentType]  any JSON
        self.models[_full(str(body["model"]))] = StoredModel(digests, rest)
        return [{"status": "parsing GGUF"}, {"status": "writing manifest"}, {"status": "success"}]

    def show(self, body: Body) -> dict[str, object]:
        """What `/api/show` says; arrays are empty unless it is to be verbose."""
        name, verbose = _full(str(body["model"])), bool(body.get("verbose"))
        model = self.models[name]
        names, types = self.vocabulary(name)
        arrays: dict[str, list[str] | list[int]] = {"tokens": names, "token_type": types}
        info: dict[str, JsonValue] = {
            f"tokenizer.ggml.{key}": [*(value if verbose else [])] for key, value in arrays.items()
        }
        shown: dict[str, object] = {
            "modelfile": self._modelfile(model),
            "template": model.rest.get("template", "{{ .Prompt }}"),
            "parameters": _parameter_lines(model.rest.get("parameters")),
            "details": {"family": "deepseekocr"},
            "capabilities": ["completion", "vision"],
            "model_info": info,
        }
        return shown | {key: model.rest[key] for key in ("system", "license", "requires") if key in model.rest}

    def vocabulary(self, name: str) -> tuple[list[str], list[int]]:
        """The tokens of a model and their types, from its own file."""
        for digest in self.models[name].digests:
            fields = GGUFReader(self.blob(digest)).fields
            if "tokenizer.ggml.tokens" in fields:
                tokens, types = (fields[f"tokenizer.ggml.{key}"].contents() for key in ("tokens", "token_type"))
                return tokens, types
        return [], []

    def control_tokens(self, name: str) -> list[str]:
        """The tokens that a llama.cpp leaves out of the answers of that model."""
        names, types = self.vocabulary(_full(name))
        return [token for token, kind in zip(names, types, strict=True) if kind == TokenType.CONTROL]

    def _keep(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        self.blob(digest).write_bytes(data)
        return digest

    def _modelfile(self, model: StoredModel) -> str:
        paths = [self.shown_path / "blobs" / f"sha256-{digest}" for digest in model.digests]
        named = [f"{key.upper()} {model.rest[key]}" for key in ("renderer", "parser") if key in model.rest]
        lines = ['# Modelfile generated by "ollama show"', "# FROM deepseek-ocr:latest", ""]
        return "\n".join([*lines, *(f"FROM {path}" for path in paths), "TEMPLATE {{ .Prompt }}", *named, ""])


def _parameter_lines(parameters: JsonValue) -> str:
    """As Go's `%-30s %#v` writes them."""
    lines: list[str] = []
    for name, value in parameters.items() if isinstance(parameters, dict) else ():
        lines += [f"{name:<30} {json.dumps(each)}" for each in (value if isinstance(value, list) else [value])]
    return "\n".join(lines)


def _full(name: str) -> str:
    return name if ":" in name else f"{name}:latest"


def _hex(digest: str) -> str:
    return digest.removeprefix("sha256:").removeprefix("sha256-")
