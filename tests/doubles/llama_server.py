"""A real llama-server on a loopback port, in a child process.

The server is the one inside the PyPI package `xllamacpp`. It gets a process of its own because it aborts the whole
process on a bad model, and one thread because spinning threads cost seconds on a busy machine.
"""

import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.ports import free_port
from tests.tiny_model import TinyModel

START_SECONDS = 60.0


@contextmanager
def llama_server(model: TinyModel, *, context_tokens: int = 8192) -> Generator[str]:
    """The base URL of a server that has loaded `model`; it is gone when the block ends."""
    port = free_port()
    program = Path(__file__).with_name("llama_server_process.py")
    arguments = [str(model.text_gguf), str(model.mmproj_gguf), str(port), str(context_tokens)]
    log_path = model.text_gguf.with_name(f"llama-server-{port}.log")
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, str(program), *arguments], stdin=subprocess.PIPE, stdout=log, stderr=log
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_ready(url, process, log_path)
            yield url
        finally:
            process.kill()
            process.communicate()


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log_path: Path) -> None:
    """Return once `/health` says ok; raise with the server's log if it died or took too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/health", timeout=5, trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise RuntimeError(f"llama-server did not start:\n{log_path.read_text(errors='replace')[-4000:]}")
