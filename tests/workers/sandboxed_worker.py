"""A worker program for the tests: it tries to leave its sandbox, as a parser would that a file has taken over."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from ocr_mcp.workers.child import Handler, serve
from ocr_mcp.workers.frames import Header


def read_file() -> None:
    Path("/etc/passwd").read_bytes()


def read_own_program() -> None:
    Path(__file__).read_bytes()


def list_folder() -> None:
    list(Path("/").iterdir())


def write_file() -> None:
    Path("/tmp/ocr-mcp-left-by-a-sandboxed-worker").write_bytes(b"x")


def read_parent_environment() -> None:
    Path(f"/proc/{os.getppid()}/environ").read_bytes()


def connect(port: int) -> None:
    socket.create_connection(("127.0.0.1", port), timeout=2).close()


def listen() -> None:
    socket.create_server(("127.0.0.1", 0)).close()


def send_datagram(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", ("127.0.0.1", port))


def connect_unix() -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect("\0ocr-mcp-nobody")


def fork() -> None:
    if os.fork() == 0:
        os._exit(0)
    os.wait()


def execute() -> None:
    os.execv("/bin/true", ["true"])


def spawn() -> None:
    subprocess.run(["/bin/true"], check=False)


def signal_parent() -> None:
    os.kill(os.getppid(), signal.SIGCONT)


def trace_parent() -> None:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, os.getppid(), None, None) != 0:  # PTRACE_ATTACH
        raise OSError(ctypes.get_errno(), "ptrace")
    libc.ptrace(17, os.getppid(), None, None)


ATTEMPTS: tuple[Callable[[], None], ...] = (
    read_file,
    read_own_program,
    list_folder,
    write_file,
    read_parent_environment,
    listen,
    connect_unix,
    fork,
    execute,
    spawn,
    signal_parent,
    trace_parent,
)


def handler_of(attempt: Callable[[], None]) -> Handler:
    return lambda arguments, payload: (outcome(attempt), b"")


def handler_with_port(attempt: Callable[[int], None]) -> Handler:
    return lambda arguments, payload: (outcome(lambda: attempt(int(str(arguments["port"])))), b"")


def outcome(attempt: Callable[[], None]) -> Header:
    try:
        attempt()
    except PermissionError:
        return {"refused": True}
    except OSError as error:
        return {"refused": False, "error": str(error)}
    return {"refused": False, "error": None}


def start_thread(arguments: Header, payload: bytes) -> tuple[Header, bytes]:
    """What must still work: libraries compute in threads."""
    import threading

    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(sum(range(1000))))
    thread.start()
    thread.join()
    return {"sum": found[0]}, b""


def fail(arguments: Header, payload: bytes) -> tuple[Header, bytes]:
    raise ZeroDivisionError


def load() -> Mapping[str, Handler]:
    by_port = {attempt.__name__: handler_with_port(attempt) for attempt in (connect, send_datagram)}
    attempts = {attempt.__name__: handler_of(attempt) for attempt in ATTEMPTS}
    return {**attempts, **by_port, "start_thread": start_thread, "fail": fail}


if __name__ == "__main__":
    serve(load, sandboxed="LC_FREE" not in os.environ)
