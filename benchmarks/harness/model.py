"""A model of fixed speed: the test Ollama, whose answer to a page names the picture that it was sent.

It runs in the measuring process, which does nothing else meanwhile. Every measured program is another process.
"""

import hashlib
import random
import re
import time
from collections import Counter
from collections.abc import Callable

from benchmarks.harness.scans import WORDS
from ocr_mcp.runtime.event_loop import run_in_loop
from tests.doubles.http_server import Exchange
from tests.doubles.ollama_server import GenerateCall, OllamaDouble

_SAMPLE_CHARACTERS = 4096
"""Characters of an encoded picture that tell it from others: moved and compressed pages differ everywhere."""

_BURSTS = 8
"""Parts in which an answer is sent over its latency."""

SHORT_ANSWER_CHARACTERS = 400
"""A hundred tokens, which a model that takes 200 ms a page could write."""


class Model(OllamaDouble):
    """The test Ollama with counters. It forgets the pictures, because a thousand of them would fill the memory."""

    def __init__(self, *, seconds: float, slots: int, characters: int = SHORT_ANSWER_CHARACTERS, port: int = 0) -> None:
        super().__init__(answer=answer_of(characters), latency_seconds=seconds, slots=slots, port=port)
        self.seconds = seconds
        if seconds:
            self.bursts = _BURSTS
        self.slots = slots
        self.asked = Counter[int]()
        self.answered = 0
        self.first_asked_at: float | None = None
        self.last_answered_at = 0.0

    async def answer(self, exchange: Exchange) -> None:
        """Answer one request, and count it if it is for a page."""
        is_page = exchange.request.path == "/api/generate"
        if is_page:
            self.first_asked_at = self.first_asked_at or time.monotonic()
            self.asked[_quick_hash(exchange.request.body["images"])] += 1
        try:
            await super().answer(exchange)
        finally:
            exchange.request.body.pop("images", None)
            exchange.request.raw = b""
        if is_page:
            self.answered += 1
            self.last_answered_at = time.monotonic()

    def run(self) -> None:
        """Serve on the event loop that takes the least processor time, because the program shares the processor."""
        run_in_loop(self.serve)

    @property
    def calls(self) -> int:
        """Number of pages that it was asked for so far."""
        return self.asked.total()

    @property
    def working_seconds(self) -> float:
        """Seconds from the first page that it was sent to its last answer."""
        return self.last_answered_at - (self.first_asked_at or 0.0)

    def limit_seconds(self, pages: int) -> float:
        """Return the least time in which it can answer so many pages."""
        return -(-pages // self.slots) * self.seconds

    def left_within(self, seconds: float) -> bool:
        """Return True if the client closes every connection without an answer within that time."""
        end = time.monotonic() + seconds
        open_requests = [request for request in self.generations if not request.is_answered]
        return all(request.client_left.wait(max(0.0, end - time.monotonic())) for request in open_requests)


def _quick_hash(images: object) -> int:
    """Hash a sample of each picture only: work of the model would count against the program."""
    return hash(tuple(_some(str(image)) for image in images)) if isinstance(images, list) else 0  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]  any JSON


def _some(encoded: str) -> str:
    return encoded[:: max(1, len(encoded) // _SAMPLE_CHARACTERS)]


def answer_of(characters: int) -> Callable[[GenerateCall], str]:
    """Return a writer of paragraphs with so many characters, which depend on the picture alone."""

    def answer(call: GenerateCall) -> str:
        name = hashlib.sha256(_some(call.encoded).encode()).hexdigest()[:16]
        rng = random.Random(name)
        lines = [f"Picture {name}"]
        while sum(map(len, lines)) < characters:
            lines.append(" ".join(rng.choice(WORDS) for _ in range(13)))
        return "\n\n".join(lines)

    return answer


def pictures_named(text: str) -> list[str]:
    """Return the names of the pictures that a document's text came from, in order."""
    return re.findall(r"Picture ([0-9a-f]{16})", text)
