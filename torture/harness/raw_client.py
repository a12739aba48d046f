"""A client that sends bytes as they are to a server on stdio, and checks every line that comes back."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

SERVE = (sys.executable, "-m", "ocr_mcp", "serve")
Message = dict[str, Any]  # any JSON object


def environment(model_url: str, folder: Path, **settings: object) -> dict[str, str]:
    """Return the environment of a server that may read the folder and keeps its cache and temporary files in it.

    Settings of this process are left out.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OCR_MCP_", "OLLAMA_"))}
    for name in ("cache", "tmp"):
        (folder / name).mkdir(exist_ok=True)
    own = {"ollama_host": model_url, "cache_folder": folder / "cache", "allowed_folders": folder, "engine": "ollama"}
    named = {f"OCR_MCP_{name.upper()}": str(value) for name, value in (own | settings).items()}
    return kept | named | {"TMPDIR": str(folder / "tmp")}


def request(number: object, method: str, params: object = None) -> bytes:
    """Return one line of JSON-RPC."""
    message = {"jsonrpc": "2.0", "id": number, "method": method}
    return _line(message if params is None else message | {"params": params})


def notification(method: str, params: object = None) -> bytes:
    """Return one line of JSON-RPC that asks for no answer."""
    message = {"jsonrpc": "2.0", "method": method}
    return _line(message if params is None else message | {"params": params})


def tool_call(number: object, tool: object, arguments: object) -> bytes:
    """Return the call of a tool as one line."""
    return request(number, "tools/call", {"name": tool, "arguments": arguments})


def handshake() -> bytes:
    """Return the lines that every session begins with; their answer has id 0."""
    client = {"name": "torture", "version": "1"}
    start = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client}
    return request(0, "initialize", start) + notification("notifications/initialized")


def _line(message: Mapping[str, object]) -> bytes:
    return json.dumps(message).encode("utf-8", "surrogateescape") + b"\n"


class RawClient:
    """A client of one server. `foreign` are lines on stdout that are no JSON objects, `log` is the file of stderr."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self.log = log
        self.foreign: list[bytes] = []
        self.largest = 0
        self._answers: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def send(self, data: bytes) -> None:
        """Send bytes as they are. Raises `BrokenPipeError` when the server is gone."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def answer_to(self, number: object, *, seconds: float = 60) -> Message:
        """Return the answer with that id, and drop all others. Raises `TimeoutError`."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                message = self._answers.get(timeout=left)
            except queue.Empty:
                break
            if message.get("id") == number and type(message["id"]) is type(number):
                return message
        raise TimeoutError(f"no answer to {number!r}; the server {'runs' if self.is_alive else 'is gone'}")

    def ask(self, data: bytes, number: object, *, seconds: float = 60) -> Message:
        """Send bytes, and wait for the answer with that id."""
        self.send(data)
        return self.answer_to(number, seconds=seconds)

    def close(self) -> None:
        """Close the pipe after the server has ended."""
        assert self.process.stdout is not None
        self._reader.join(10)
        self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.largest = max(self.largest, len(line))
            try:
                message = json.loads(line)
            except ValueError:
                message = None
            if isinstance(message, dict):
                self._answers.put(message)  # pyright: ignore[reportUnknownArgumentType]  any JSON
            else:
                self.foreign.append(line)


@contextmanager
def raw_client(env: Mapping[str, str], log: Path, *flags: str) -> Generator[RawClient]:
    """Start a server and shake hands; kill it at the end if it does not end with its stdin."""
    with log.open("wb") as err:
        command = [*SERVE, *flags]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=err, env=env)
    client = RawClient(process, log)
    try:
        client.ask(handshake(), 0)
        yield client
    finally:
        assert process.stdin is not None
        with suppress(OSError):
            process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        client.close()
