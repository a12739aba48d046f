"""Let clients die in every way while the server works: 3 s later nothing of it may run or lie in its folders."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from tests.documents import scanned_pdf
from tests.doubles.ollama_server import OllamaDouble
from tests.sources.hostile_pdfs import tiling_step
from torture.harness.processes import command_line, cpu_seconds, left_after, marked
from torture.harness.raw_client import SERVE, environment, handshake, tool_call
from torture.harness.verdict import Part, Verdict, conclude_in_parts

FULL = 500
QUICK = 3
"""Deaths."""

LIMIT_SECONDS = 3.0
_AT_ONCE = 2
_AT_WORK_SECONDS = 90.0
_START_SECONDS = 2.0
_PYTHON_STARTS_CPU_SECONDS = 0.1
_RENDER_CPU_SECONDS = 1.3
"""Processor time that shows a worker at work: starting takes 0.7 s."""

# A client in a process of its own, the parent of the server; a signal makes it close the pipe and live on. One
# descendant keeps the pipe open when the client is killed, as the shells between some clients and servers do.
_CLIENT = """
import json, os, signal, subprocess, sys, time
told = json.loads(sys.stdin.readline())
pipe = subprocess.PIPE if not told["held"] else None
ours = theirs = None
if told["held"]:
    theirs, ours = os.pipe()
    os.set_inheritable(ours, True)
    subprocess.Popen(["sleep", "30"], pass_fds=[ours])
server = subprocess.Popen(told["command"], stdin=theirs if told["held"] else pipe, stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL, env=told["env"])
stdin = os.fdopen(ours, "wb") if told["held"] else server.stdin
signal.signal(signal.SIGUSR1, lambda *_: stdin.close())
stdin.write(told["says"].encode())
stdin.flush()
print(server.pid, flush=True)
while True:
    time.sleep(1)
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """The server's work when the client dies; `document` is None where it starts, before any call."""

    name: str
    document: str | None


STARTS = Scene("starts", None)
MODEL_HANGS = Scene("model hangs", "scan.pdf")
RENDER_HANGS = Scene("render hangs", "hangs.pdf")


@dataclass(frozen=True, slots=True)
class Trial:
    """One server at work for one client: the client's process, the server's pid, the mark of the server's processes."""

    client: subprocess.Popen[bytes]
    server: int
    mark: str
    model: OllamaDouble


def _close_stdin(trial: Trial) -> None:
    trial.client.send_signal(signal.SIGUSR1)


def _kill_client(trial: Trial) -> None:
    trial.client.kill()


def _terminate_server(trial: Trial) -> None:
    os.kill(trial.server, signal.SIGTERM)


DEATHS: dict[str, Callable[[Trial], None]] = {
    "stdin closed": _close_stdin,
    "client killed": _kill_client,
    "client killed, pipe held": _kill_client,
    "server terminated": _terminate_server,
}
SCENES = (MODEL_HANGS, RENDER_HANGS, STARTS)


def run(part: Part) -> Verdict:
    """Let so many clients die, every way of dying in every scene in turn."""
    numbers = part.numbers()
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="ocr-mcp-deaths-") as name, ThreadPoolExecutor(_AT_ONCE) as pool:
        folder = Path(name)
        scanned_pdf(folder / "scan.pdf", pages=3)
        (folder / "hangs.pdf").write_bytes(tiling_step())
        while turns := list(islice(numbers, _AT_ONCE)):
            outcomes += pool.map(partial(_one, folder), turns)
    found = Counter(outcome.problem for outcome in outcomes)
    clean, longest = found.pop("", 0), max(outcome.seconds for outcome in outcomes)
    figures = (
        f"{len(outcomes)} client deaths from {part.start} on: {clean} left nothing, the last process was gone after"
        f" {longest:.1f} s of {LIMIT_SECONDS:g}{f'; {dict(found)}' if found else ''}"
    )
    return Verdict(figures, clean == len(outcomes))


@dataclass(frozen=True, slots=True)
class Outcome:
    """The problem, "" for none, and the seconds until the last process was gone."""

    problem: str
    seconds: float


def _one(folder: Path, number: int) -> Outcome:
    # Three scenes and four deaths: twelve turns have all pairs.
    scene, death = SCENES[number % len(SCENES)], list(DEATHS)[number % len(DEATHS)]
    with _trial(folder, scene, held=death.endswith("held")) as trial:
        if not _is_at_work(trial, scene):
            return Outcome(f"{scene.name}: never at work", 0)
        began = time.monotonic()
        DEATHS[death](trial)
        left = left_after(trial.mark, seconds=LIMIT_SECONDS)
        seconds = time.monotonic() - began
        files = sorted(path.name for path in Path(trial.mark).rglob("*"))
        found = f"{[command_line(pid) for pid in left]} {files}"
    if left or files:
        return Outcome(f"{scene.name}, {death}: {found}", seconds)
    return Outcome("", seconds)


@contextmanager
def _trial(folder: Path, scene: Scene, *, held: bool) -> Generator[Trial]:
    with tempfile.TemporaryDirectory(dir=folder) as name, OllamaDouble(latency_seconds=3600) as model:
        env = environment(model.url, Path(name), allowed_folders=folder, render_seconds=60)
        says = b"" if scene.document is None else handshake() + _call(folder / scene.document)
        told = json.dumps({"command": SERVE, "env": env, "says": says.decode(), "held": held}) + "\n"
        command = [sys.executable, "-c", _CLIENT]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as client:
            assert client.stdin is not None
            assert client.stdout is not None
            client.stdin.write(told.encode())
            client.stdin.flush()
            try:
                yield Trial(client, int(client.stdout.readline()), env["TMPDIR"], model)
            finally:
                os.killpg(client.pid, signal.SIGKILL)
                for pid in marked(env["TMPDIR"]):
                    os.kill(pid, signal.SIGKILL)


def _call(document: Path) -> bytes:
    return tool_call(1, "ocr_page", {"source": str(document), "text_layer": "never"})


def _is_at_work(trial: Trial, scene: Scene) -> bool:
    """Wait until the scene is set, because an idle server leaves nothing anyway. Return False if it never is."""
    if scene is STARTS:
        # Before its own code runs, nothing can be promised for a server whose pipe is held by others.
        while cpu_seconds(trial.server) < _PYTHON_STARTS_CPU_SECONDS:
            time.sleep(0.01)
        time.sleep(random.uniform(0, _START_SECONDS))
        return True
    end = time.monotonic() + _AT_WORK_SECONDS
    while time.monotonic() < end:
        workers = [pid for pid in marked(trial.mark) if "render_worker" in command_line(pid)]
        busy = max(map(cpu_seconds, workers), default=0) > _RENDER_CPU_SECONDS
        if workers and (busy if scene is RENDER_HANGS else trial.model.running):
            return True
        time.sleep(0.05)
    return False


if __name__ == "__main__":
    conclude_in_parts(run, full=FULL)
