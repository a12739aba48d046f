"""A server that speaks Ollama's HTTP API, with every behaviour that its source shows, on demand.

In a test: `with OllamaDouble(answer="…") as ollama:`. As a program: `python -m tests.doubles.ollama_server --port N`
prints its URL and serves until it is killed.
"""

import argparse
import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pydantic_core import to_json

from tests.doubles import vision_tokens
from tests.doubles.http_server import Exchange, HttpDouble, RecordedRequest
from tests.doubles.ollama_calls import GenerateCall, call_of, predict_limit
from tests.doubles.ollama_faults import STATUS_FAULTS, Fault
from tests.doubles.ollama_models import ModelFolder

DIGEST = "0f" * 32
PIECE = 4  # characters of one token
SPECIAL_TOKENS = ("<|ref|>", "<|/ref|>", "<|det|>", "<|/det|>", "<td>", "</td>", "<tr>", "</tr>")


Answer = str | Callable[[GenerateCall], str]
FaultChoice = Fault | Callable[[GenerateCall], Fault | None] | None


class OllamaDouble(HttpDouble):
    """Its attributes may be changed while it runs.

    `latency_seconds` pass from a request's last byte, or from when a slot is free, to the first output of its answer,
    `piece_seconds` between two pieces; `bursts` above 1 spreads the pieces over the second half of the latency, in so
    many writes. `slots` answers are made at once, the rest wait. `entry` and `shown` are added to what `/api/tags` and
    `/api/show` say of the model; requests to `silent_paths` are taken and never answered. Generations B and C drop
    special tokens from `answer`, as Ollama does. With `models` it has the models of that folder instead of `model`,
    makes new ones, and drops what their own files call control tokens.
    """

    def __init__(
        self,
        *,
        answer: Answer = "Hello world, this page is read.",
        version: str = "0.33.0",
        model: str | None = "deepseek-ocr:latest",
        fault: FaultChoice = None,
        latency_seconds: float = 0.0,
        piece_seconds: float = 0.0,
        slots: int = 1,
        port: int = 0,
        models: ModelFolder | None = None,
    ) -> None:
        super().__init__(port=port)
        self.version = version
        self.model = model
        self.models = models
        self.fault: FaultChoice = fault
        self.latency_seconds = latency_seconds
        self.piece_seconds = piece_seconds
        self.bursts = 1
        self.size_vram = 6_700_000_000
        self.prompt_tokens: int | None = None
        self.entry: Mapping[str, object] = {}
        self.shown: Mapping[str, object] = {}
        self.silent_paths: set[str] = set()
        self.is_loaded = False
        self.running = 0
        self.most_running = 0
        self._answer = answer
        self._slots = asyncio.Semaphore(slots)

    @property
    def generation(self) -> str:
        """A, B or C, by version."""
        parts = tuple(int(part) for part in self.version.partition("-")[0].split("."))
        return "A" if (0, 0, 0) < parts < (0, 30) else "B" if (0, 30) <= parts < (0, 32, 2) else "C"

    @property
    def generations(self) -> list[RecordedRequest]:
        """The requests for an answer."""
        return self.requests_to("/api/generate")

    async def answer(self, exchange: Exchange) -> None:
        """Answer one request."""
        routes = {
            "/api/version": self._version,
            "/api/tags": self._tags,
            "/api/show": self._show,
            "/api/ps": self._ps,
            "/api/pull": self._pull,
            "/api/generate": self._generate,
        }
        if exchange.request.path in self.silent_paths:
            await asyncio.sleep(3600)
        route = routes.get(exchange.request.path)
        if self.models is not None and await self.models.answer(exchange):
            return
        if route is None:
            await exchange.send(b"404 page not found", status=404, media_type="text/plain")
        else:
            await route(exchange)

    async def _version(self, exchange: Exchange) -> None:
        await exchange.send_json({"version": self.version})

    async def _tags(self, exchange: Exchange) -> None:
        models = [self._listed()] if self.model else []
        if self.models is not None:
            models = [{**self._listed(), **each} for each in self.models.listed()]
        await exchange.send_json({"models": models})

    async def _show(self, exchange: Exchange) -> None:
        if not await self._has_model(exchange):
            return
        shown = {"details": {"family": "deepseekocr"}, "model_info": {}, "capabilities": ["completion", "vision"]}
        if self.models is not None:
            shown = self.models.show(exchange.request.body)
        await exchange.send_json({"template": "{{ .Prompt }}", **shown, **self.shown})

    async def _ps(self, exchange: Exchange) -> None:
        loaded = {**self._listed(), "size_vram": self.size_vram, "context_length": 8192}
        await exchange.send_json({"models": [loaded] if self.is_loaded else []})

    async def _pull(self, exchange: Exchange) -> None:
        self.model = _full_name(str(exchange.request.body["model"]))
        exchange.start("application/x-ndjson")
        await exchange.write(_line({"status": "pulling manifest"}))
        await exchange.write(_line({"status": "pulling", "digest": DIGEST, "total": 100, "completed": 100}))
        await exchange.finish(_line({"status": "success"}))

    def _listed(self) -> dict[str, object]:
        names = {"name": self.model, "model": self.model, "digest": DIGEST, "size": 6_700_000_000}
        return {**names, "details": {"family": "deepseekocr"}, **self.entry}

    async def _has_model(self, exchange: Exchange) -> bool:
        name = str(exchange.request.body["model"])
        if self.models is not None and self.models.has(name):
            return True
        if self.models is None and self.model is not None and _full_name(name) == _full_name(self.model):
            return True
        await exchange.send_json({"error": f"model '{name}' not found"}, status=404)
        return False

    async def _generate(self, exchange: Exchange) -> None:
        if not await self._has_model(exchange):
            return
        call = call_of(exchange.request.body)
        fault = self.fault(call) if callable(self.fault) else self.fault
        if fault is not None and fault in STATUS_FAULTS:
            status, text = STATUS_FAULTS[fault]
            await exchange.send_json({"error": text}, status=status)
        elif fault is Fault.HTML_502:
            await exchange.send(b"<html><h1>502 Bad Gateway</h1></html>", status=502, media_type="text/html")
        elif fault is Fault.REDIRECT:
            await exchange.send(b"", status=307, location=f"{self.url}/elsewhere")
        else:
            waits = self._slots.locked()
            async with self._slots:
                since = time.monotonic() if waits else exchange.request.arrived_at
                await self._run(exchange, call, fault, since=since)

    async def _run(self, exchange: Exchange, call: GenerateCall, fault: Fault | None, *, since: float) -> None:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            # Taken first: what makes this answer may set the latency of the next one.
            first = self.latency_seconds if self.bursts == 1 else self.latency_seconds / 2
            pieces = self._pieces(call, fault)
            await asyncio.sleep(since + first - time.monotonic())
            self.is_loaded = True
            exchange.start("application/x-ndjson")
            await self._stream(exchange, call, fault, pieces)
        finally:
            self.running -= 1

    async def _stream(self, exchange: Exchange, call: GenerateCall, fault: Fault | None, pieces: list[str]) -> None:
        if fault is Fault.GARBAGE:
            return await exchange.finish(b"this is not JSON\n")
        if fault is Fault.STALL_FIRST:
            await asyncio.sleep(3600)
        while fault is Fault.DRIP_EMPTY_LINES:
            await exchange.write(_line({"response": "", "done": False}))
            await asyncio.sleep(0.02)
        half = len(pieces) // 2 if fault not in {None, Fault.LOOP} else len(pieces)
        lines = [_line({"model": self.model, "response": piece, "done": False}) for piece in pieces[:half]]
        if self.bursts > 1:
            await self._burst(exchange, lines)
        elif self.piece_seconds == 0:
            await exchange.write(*lines)
        else:
            for line in lines:
                await exchange.write(line)
                await asyncio.sleep(self.piece_seconds)
        return await self._end(exchange, call, fault, len(lines))

    async def _burst(self, exchange: Exchange, lines: list[bytes]) -> None:
        start, size = time.monotonic(), -(-len(lines) // self.bursts)
        for number in range(self.bursts):
            await exchange.write(*lines[number * size : (number + 1) * size])
            until = start + self.latency_seconds / 2 * (number + 1) / (self.bursts - 1)
            if number < self.bursts - 1:
                await asyncio.sleep(until - time.monotonic())

    async def _end(self, exchange: Exchange, call: GenerateCall, fault: Fault | None, count: int) -> None:
        if fault is Fault.STALL_MIDDLE:
            await asyncio.sleep(3600)
        while fault is Fault.DRIP_BYTES:
            await exchange.write(b" ")
            await asyncio.sleep(0.02)
        if fault is Fault.CUT:
            return exchange.cut()
        if fault is Fault.NO_DONE:
            return await exchange.finish()
        if fault is Fault.ERROR_LINE:
            return await exchange.finish(
                _line({"error": "an error was encountered while running the model: CUDA error"})
            )
        return await exchange.finish(_line(self._done(call, fault, count)))

    def _pieces(self, call: GenerateCall, fault: Fault | None) -> list[str]:
        text = self._answer if isinstance(self._answer, str) else self._answer(call)
        if self.generation != "A":
            for token in self._dropped(call):
                text = text.replace(token, "")
        if fault is Fault.LOOP:
            text *= 1 + PIECE * predict_limit(call) // len(text)
        return [text[start : start + PIECE] for start in range(0, len(text), PIECE)][: predict_limit(call)]

    def _dropped(self, call: GenerateCall) -> Sequence[str]:
        if self.models is None:
            return SPECIAL_TOKENS
        return self.models.control_tokens(str(call.body["model"]))

    def _done(self, call: GenerateCall, fault: Fault | None, count: int) -> dict[str, object]:
        is_cut = fault is Fault.LENGTH or count >= predict_limit(call)
        reason = "load" if fault is Fault.DONE_LOAD else "length" if is_cut else "stop"
        vision = vision_tokens.tokens(self.generation, call.width, call.height)
        prompt_tokens = self.prompt_tokens or vision + 2 + len(call.prompt) // PIECE
        done: dict[str, object] = {"model": self.model, "response": "", "done": True}
        if fault is not Fault.DONE_WITHOUT_REASON:
            done["done_reason"] = reason
        counts = {"prompt_eval_count": prompt_tokens, "eval_count": count, "eval_duration": 10**6}
        return {**done, **{key: value for key, value in counts.items() if value}}


def _full_name(name: str) -> str:
    return name if ":" in name else f"{name}:latest"


def _line(value: dict[str, object]) -> bytes:
    return to_json(value) + b"\n"


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=OllamaDouble.__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--piece-seconds", type=float, default=0.0, help="seconds between two pieces")
    parser.add_argument("--slots", type=int, default=1, help="answers made at once")
    parser.add_argument("--version", default="0.33.0")
    parser.add_argument("--model", default="deepseek-ocr:latest")
    parser.add_argument("--fault", type=Fault, choices=list(Fault))
    parser.add_argument("--answer-file", type=Path, help="UTF-8 text to answer with")
    options = parser.parse_args()
    double = OllamaDouble(
        answer=options.answer_file.read_text("utf-8") if options.answer_file else "Hello world, this page is read.",
        version=options.version,
        model=options.model,
        fault=options.fault,
        latency_seconds=options.latency,
        piece_seconds=options.piece_seconds,
        slots=options.slots,
        port=options.port,
    )
    asyncio.run(double.serve(on_ready=lambda: print(double.url, flush=True)))  # noqa: T201 - the product of this program


if __name__ == "__main__":
    main()
