"""The child's end of the wire: a loop that answers one call at a time until the parent is gone."""

import argparse
import ctypes
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, TypeAlias, cast

from ocr_mcp.errors import OcrError
from ocr_mcp.runtime.tracebacks import without_messages
from ocr_mcp.workers.frames import Header, encode_prefix, read_frame
from ocr_mcp.workers.handover import take_over
from ocr_mcp.workers.sandbox import confine

if TYPE_CHECKING:
    from pydantic import JsonValue

Handler: TypeAlias = Callable[[Header, bytes], tuple[Header, bytes]]

_PR_SET_PDEATHSIG = 1
_ALARM_GRACE_SECONDS = 5.0
_PIPE_BYTES = 1024 * 1024


def serve(load_handlers: Callable[[], Mapping[str, Handler]], *, sandboxed: bool = False) -> None:
    """Answer calls on stdin and stdout until stdin closes.

    `load_handlers` is called once stdout is out of reach of every print, so heavy imports belong there. With
    `sandboxed` the process then loses its access to files, network and other processes. The first frame says that the
    handlers are loaded and which layers the sandbox has, or why the handlers could not be loaded.
    """
    options = _parse_options(sys.argv[1:])
    _die_with_parent(options.parent)
    requests, answers = _claim_wire()
    handover = None if options.handover is None else socket.socket(fileno=options.handover)
    _limit_memory(options.memory_bytes)
    try:
        handlers = load_handlers()
        layers: list[JsonValue] = [*confine()] if sandboxed else []
    except Exception as error:  # the process's edge: the parent gets a typed frame in every case
        _send(answers, _describe_error(error), b"")
        return
    _send(answers, {"ok": True, "answer": {"sandbox": layers}}, b"")
    while (frame := read_frame(requests)) is not None:
        began = time.process_time()
        header, payload = _answer(handlers, *frame, handover)
        _send(answers, header | {"cpu_seconds": time.process_time() - began}, payload)


def _answer(
    handlers: Mapping[str, Handler], request: Header, payload: bytes, handover: socket.socket | None
) -> tuple[Header, bytes]:
    operation, arguments, deadline = request["op"], request["arguments"], request["deadline_seconds"]
    if not (isinstance(operation, str) and isinstance(arguments, dict) and isinstance(deadline, int | float)):
        raise TypeError("A request needs op, arguments and deadline_seconds.")
    _set_alarm(deadline + _ALARM_GRACE_SECONDS)
    try:
        if handover is not None and request.get("is_handed_over") is True:
            # The mapped memory serves handlers as bytes do: it has a length, slices, `find` and a buffer.
            payload = cast("bytes", take_over(handover))
        header, answer = handlers[operation](arguments, payload)
    except Exception as error:  # the process's edge: the parent gets a typed frame in every case
        return _describe_error(error), b""
    finally:
        _set_alarm(0.0)
    return {"ok": True, "answer": header}, answer


def _describe_error(error: Exception) -> Header:
    """Return the header of an error frame.

    A traceback or a foreign message may quote the document, so neither is sent.
    """
    if isinstance(error, OcrError):
        fault: dict[str, JsonValue] = {"code": error.code, "message": error.message, "hint": error.hint}
        return {"ok": False, "kind": "ocr", **fault}
    with suppress(OSError):  # stderr may be a file, and no file may grow in a sandbox
        print(without_messages(error), file=sys.stderr)  # noqa: T201  the parent decides where it goes
    return {"ok": False, "kind": "memory" if isinstance(error, MemoryError) else "failed", "type": type(error).__name__}


def _send(stream: BinaryIO, header: Header, payload: bytes) -> None:
    stream.write(encode_prefix(header, len(payload)))
    stream.write(payload)
    stream.flush()


def _parse_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A worker of ocr-mcp. It is started by its parent, not by hand.")
    parser.add_argument("--memory-bytes", type=int)
    parser.add_argument("--parent", type=int)
    parser.add_argument("--handover", type=int)
    return parser.parse_args(arguments)


def _claim_wire() -> tuple[BinaryIO, BinaryIO]:
    """Return private copies of stdin and stdout.

    From then on descriptor 0 is empty for other code, and everything that it prints to 1 goes to stderr.
    """
    for descriptor in (0, 1):
        _widen_pipe(descriptor)
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def _widen_pipe(pipe: int) -> None:
    """Let the pipe hold `_PIPE_BYTES`.

    A picture then passes in one go instead of eight, and a document of 300 MB arrives in two thirds of the time.
    """
    if sys.platform != "linux":
        return
    import fcntl  # it does not exist on Windows

    with suppress(OSError):  # the descriptor is no pipe, or the user has too many wide pipes
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _die_with_parent(parent: int | None) -> None:
    """Let the kernel end this process together with its parent, whatever it is busy with. Linux only."""
    if sys.platform != "linux" or parent is None:
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # the parent ended before the kernel was asked
        os._exit(1)


def _limit_memory(memory_bytes: int | None) -> None:
    if sys.platform == "win32" or memory_bytes is None:
        return
    import resource  # it does not exist on Windows

    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def _set_alarm(seconds: float) -> None:
    """Let the kernel end this process if the parent is not there to do so. No interpreter lock can delay that."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)
