"""A worker program for the tests: it does on request what a bad parser does by accident."""

import os
import sys
import time
from collections.abc import Mapping

from ocr_mcp.errors import EncryptedError
from ocr_mcp.workers.child import Handler, serve
from ocr_mcp.workers.frames import Header

TOIL_SECONDS = 0.05


def echo(arguments: Header, payload: bytes) -> tuple[Header, bytes]:
    return {"arguments": arguments, "pid": os.getpid()}, payload


def chatter(arguments: Header, payload: bytes) -> tuple[Header, bytes]:
    print("a library's progress bar")  # noqa: T201  this is the accident
    os.write(1, b"and its C code\n")
    return {"stdin": sys.stdin.read()}, payload


def hang(arguments: Header, payload: bytes) -> tuple[Header, bytes]:
    time.sleep(60)
    return {}, b""


def toil(arguments: Header, payload: bytes) -> tuple[Header, bytes]:
    until = time.process_time() + TOIL_SECONDS
    while time.process_time() < until:
        pass
    return {}, b""


def die(arguments: Header, payload: bytes) -> tuple[Header, bytes]:
    os._exit(7)


def refuse(arguments: Header, payload: bytes) -> tuple[Header, bytes]:
    raise EncryptedError("The PDF needs a password.", hint="Save a copy without one.")


def fail(arguments: Header, payload: bytes) -> tuple[Header, bytes]:
    raise ZeroDivisionError("text of the document")


def hoard(arguments: Header, payload: bytes) -> tuple[Header, bytes]:
    return {}, bytes(900_000_000)


def environment(arguments: Header, payload: bytes) -> tuple[Header, bytes]:
    return dict(os.environ), b""


def load() -> Mapping[str, Handler]:
    print("printed while importing")  # noqa: T201  this is the accident
    operations = (echo, chatter, hang, toil, die, refuse, fail, hoard, environment)
    return {operation.__name__: operation for operation in operations}


if __name__ == "__main__":
    serve(load)
