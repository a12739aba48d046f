"""The parent's end of the wire: a child process that can be killed at any moment."""

import logging
import os
import site
import socket
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import anyio

from ocr_mcp.errors import OcrError
from ocr_mcp.workers import handover
from ocr_mcp.workers.child_process import ChildProcess, start_child
from ocr_mcp.workers.frames import FrameError, Header, encode_prefix, receive_frame

logger = logging.getLogger(__name__)

_SEND_BYTES = 1024 * 1024
_KEPT_VARIABLES = frozenset(
    {"PATH", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "PYTHONPATH", "PYTHONHOME"}
)
_OWN_VARIABLES = {"ORT_DISABLE_TELEMETRY": "1"}
"""onnxruntime 1.31, which PyMuPDF and RapidOCR import, reports its use to its maker. Nothing may leave this machine."""


class WorkerError(Exception):
    """The call got no answer."""


class WorkerTimeoutError(WorkerError):
    """The call passed its deadline and the worker was killed."""


class WorkerDiedError(WorkerError):
    """The worker ended or broke the protocol.

    `returncode` is negative for a signal, and None if the worker had to be killed.
    """

    def __init__(self, message: str, *, returncode: int | None = None) -> None:
        super().__init__(message)
        self.returncode = returncode


class WorkerStartError(WorkerDiedError):
    """The worker does not start: its module cannot be imported, or the machine is too busy. No call is to blame."""


class WorkerMemoryError(WorkerError):
    """The call needed more memory than the worker may use. The next call gets a fresh worker."""


class WorkerFailedError(WorkerError):
    """The handler raised something that is not an `OcrError`: a defect. The traceback went to the worker's stderr."""


@dataclass(frozen=True)
class WorkerLimits:
    """Limits of one child process.

    `memory_bytes` limits its address space; None sets no limit. After `calls` calls a fresh process takes its place. It
    may take `start_seconds` to start.
    """

    memory_bytes: int | None = 1_500_000_000
    calls: int = 500
    start_seconds: float = 60.0


class Worker:
    """One child process that runs `python -m module`; the module's main calls `child.serve`.

    The child starts with the first call, and again after it was killed, died or served its calls. `generation` counts
    the starts; everything that a child remembers is lost when it changes. `cpu_seconds` is the processor time of all
    calls. `sandbox` names the layers that confine the latest child, as `ocr_mcp.workers.sandbox` does. Use a worker
    within one event loop, and close it.
    """

    def __init__(self, module: str, *, limits: WorkerLimits | None = None) -> None:
        self.module = module
        self.limits = limits or WorkerLimits()
        self.generation = 0
        self.cpu_seconds = 0.0
        self.sandbox: tuple[str, ...] = ()
        self._process: ChildProcess | None = None
        self._handover: socket.socket | None = None
        self._calls = 0
        self._closed = False
        self._lock = anyio.Lock(fast_acquire=True)

    @property
    def running(self) -> bool:
        """True if a child runs, as far as is known."""
        return self._process is not None and self._process.returncode is None

    async def call(
        self, op: str, arguments: Header | None = None, payload: handover.Payload = b"", *, deadline_seconds: float
    ) -> tuple[Header, bytes]:
        """Return the handler's header and payload. A sealed payload is handed over as memory.

        Raises the `OcrError` that the handler raised, or a `WorkerError`. The deadline starts when the child is up and
        has no other call. When it passes, and on cancellation, the child is killed.
        """
        request: Header = {"op": op, "arguments": arguments or {}, "deadline_seconds": deadline_seconds}
        async with self._lock:
            await self._start()
            self._calls += 1
            header, answer = await self._exchange(request, payload, deadline_seconds, doing=op)
            spent = header.get("cpu_seconds")
            self.cpu_seconds += spent if isinstance(spent, float) else 0.0
            if self._calls >= self.limits.calls or header.get("kind") == "memory":
                await self._kill()
        return _unwrap(header, module=self.module), answer

    async def start(self) -> None:
        """Start the child now rather than with the first call. Raises `WorkerStartError`."""
        async with self._lock:
            await self._start()

    async def aclose(self) -> None:
        """Kill the child, even in the middle of a call, and collect it. No call may follow."""
        self._closed = True
        await self._kill()

    async def _start(self) -> None:
        if self._closed:
            raise anyio.ClosedResourceError
        if self.running:
            return
        await self._kill()
        with anyio.CancelScope(shield=True):  # a child that is started and never stored would stay
            await self._spawn()
        self._calls = 0
        self.generation += 1
        try:
            header, _ = await self._exchange(None, b"", self.limits.start_seconds, doing="start")
            self.sandbox = _read_sandbox(_unwrap(header, module=self.module))
        except (WorkerError, OcrError) as error:
            await self._kill()
            raise WorkerStartError(f"{self.module} does not start: {error}") from error

    async def _spawn(self) -> None:
        pair = handover.make_socket_pair()
        if pair is None:
            self._process = await _start_process(self.module, self.limits)
            return
        self._handover, of_worker = pair
        with closing(of_worker):
            self._process = await _start_process(self.module, self.limits, of_worker.fileno())

    async def _exchange(
        self, request: Header | None, payload: handover.Payload, deadline_seconds: float, *, doing: str
    ) -> tuple[Header, bytes]:
        """Send one request, or none for the start, and return the answer.

        Whatever goes wrong, no child is left of which an answer is read in part.
        """
        process, finished = self._process, False
        try:
            with anyio.fail_after(deadline_seconds):
                answer = await self._send_and_receive(request, payload)
            finished = not self._closed
        except TimeoutError as error:
            raise WorkerTimeoutError(f"{self.module} took over {deadline_seconds:g} s to {doing}.") from error
        except (EOFError, OSError, anyio.ClosedResourceError) as error:
            await self._kill()
            code = process.returncode if process else None
            raise WorkerDiedError(f"{self.module} ended ({code}) in {doing}.", returncode=code) from error
        except FrameError as error:
            raise WorkerDiedError(f"{self.module} broke the protocol in {doing}: {error}") from error
        finally:
            if not finished:
                await self._kill()
        return answer

    async def _send_and_receive(self, request: Header | None, payload: handover.Payload) -> tuple[Header, bytes]:
        process = self._process
        if process is None:
            raise anyio.ClosedResourceError
        if request is not None and isinstance(payload, handover.SealedBytes) and self._handover is not None:
            handover.hand_over(self._handover, payload)
            await process.leaving.send(encode_prefix(request | {"is_handed_over": True}, 0))
        elif request is not None:
            await process.leaving.send(encode_prefix(request, len(payload)))
            view = memoryview(payload)
            for index in range(0, len(payload), _SEND_BYTES):
                await process.leaving.send(bytes(view[index : index + _SEND_BYTES]))
        return await receive_frame(process.arriving)

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if self._handover is not None:
            self._handover.close()
            self._handover = None
        if process is None:
            return
        process.kill()
        await process.aclose()


async def _start_process(module: str, limits: WorkerLimits, memory_socket: int | None = None) -> ChildProcess:
    """Start the child. `memory_socket` is the descriptor through which it takes over memory."""
    # -P: the working folder is the user's, and a pymupdf.py that lies there must not be imported.
    command = [sys.executable, "-P", "-m", module, "--parent", str(os.getpid())]
    if limits.memory_bytes is not None:
        command += ["--memory-bytes", str(limits.memory_bytes)]
    kept = () if memory_socket is None else (memory_socket,)
    if memory_socket is not None:
        command += ["--handover", str(memory_socket)]
    stderr = None if logger.isEnabledFor(logging.DEBUG) else subprocess.DEVNULL
    logger.debug("starting %s", module)
    return await start_child(command, stderr=stderr, env=_make_environment(), pass_fds=kept)


def _make_environment() -> dict[str, str]:
    """Return the variables that a child needs, and none that it could leak: no proxies, no keys, no home."""
    kept = {name: value for name, value in os.environ.items() if name in _KEPT_VARIABLES or name.startswith("LC_")}
    root = str(Path(__file__).resolve().parents[2])
    if root not in site.getsitepackages():  # this is a checkout that is on the path but not installed
        kept["PYTHONPATH"] = os.pathsep.join(filter(None, [kept.get("PYTHONPATH"), root]))
    return kept | _OWN_VARIABLES


def _unwrap(header: Header, *, module: str) -> Header:
    """Return the handler's own header, or raise the error that the frame describes."""
    if header.get("ok") is True:
        answer = header.get("answer")
        return answer if isinstance(answer, dict) else {}
    if header.get("kind") == "ocr":
        error_class = _find_error_classes().get(str(header.get("code")), OcrError)
        raise error_class(str(header.get("message")), hint=str(header.get("hint")))
    if header.get("kind") == "memory":
        raise WorkerMemoryError(f"{module} ran out of memory.")
    raise WorkerFailedError(f"{module} failed with {header.get('type')}.")


def _read_sandbox(ready: Header) -> tuple[str, ...]:
    layers = ready.get("sandbox")
    return tuple(str(layer) for layer in layers) if isinstance(layers, list) else ()


def _find_error_classes() -> dict[str, type[OcrError]]:
    """Return every class of error by its code."""
    classes: list[type[OcrError]] = [OcrError]
    for error_class in classes:
        classes.extend(error_class.__subclasses__())
    return {error_class.code: error_class for error_class in classes}
