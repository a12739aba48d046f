"""A headless Chromium that tests press keys in and move the mouse in, over its debugging pipe: no port, no network."""

import base64
import fcntl
import io
import json
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.browser import CHROMIUM, FLAGS

Pixels = NDArray[np.int16]

_START = """
import os, sys
for number, end in enumerate(sys.argv[1:3], 3):
    os.dup2(int(end), number)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Makes two pipes the descriptors 3 and 4, which is where Chromium looks for them, and becomes Chromium."""


class Tab:
    """One page that is open, as a person has it before them."""

    def __init__(self, to: BinaryIO, back: BinaryIO) -> None:
        self._to = to
        self._back = back
        self._number = 0
        self._session: str | None = None
        (target,) = [each for each in self._call("Target.getTargets")["targetInfos"] if each["type"] == "page"]
        attached = self._call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]

    def open(self, file: Path, *, width: int, height: int) -> None:
        """Show a file, and return when it is there."""
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self._call("Page.enable")
        self._call("Page.navigate", url=file.as_uri())
        self._wait_for("Page.loadEventFired")

    def value(self, expression: str) -> Any:
        """What a JavaScript expression gives."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key, and let the page scroll and draw."""
        for kind in ("rawKeyDown", "keyUp"):
            self._call("Input.dispatchKeyEvent", type=kind, key=key, code=key)
        self.settle()

    def point_at(self, x: float, y: float) -> None:
        """Move the mouse there."""
        self._call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        self.settle()

    def middle_of(self, selector: str) -> tuple[float, float]:
        """Where an element is in the window."""
        left, top, right, bottom = self.bounds(selector)[0]
        return (left + right) / 2, (top + bottom) / 2

    def bounds(self, selector: str) -> list[tuple[float, float, float, float]]:
        """Left, top, right and bottom in the window of every such element."""
        edges = "(b => [b.left, b.top, b.right, b.bottom])(each.getBoundingClientRect())"
        return [
            tuple(each) for each in self.value(f"[...document.querySelectorAll('{selector}')].map(each => {edges})")
        ]

    def settle(self) -> None:
        """Wait until the page has been drawn twice."""
        self.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")

    def pixels(self) -> Pixels:
        """What a person sees: height, width, RGB."""
        data = self._call("Page.captureScreenshot", format="png")["data"]
        with Image.open(io.BytesIO(base64.b64decode(data))) as shot:
            return np.asarray(shot.convert("RGB"), dtype=np.int16)

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        session = {} if self._session is None else {"sessionId": self._session}
        message = {"id": self._number, "method": method, "params": parameters, **session}
        self._to.write(json.dumps(message).encode() + b"\0")
        self._to.flush()
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]

    def _wait_for(self, event: str) -> None:
        while self._next().get("method") != event:
            pass

    def _next(self) -> dict[str, Any]:
        message = bytearray()
        while (byte := self._back.read(1)) != b"\0":
            assert byte, "Chromium has ended"
            message += byte
        return json.loads(message)


@contextmanager
def chromium() -> Generator[Tab]:
    """A browser with one empty tab, gone when the block ends."""
    assert CHROMIUM is not None
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (theirs_in, theirs_out)]
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [
            sys.executable,
            "-c",
            _START,
            *map(str, ends),
            CHROMIUM,
            *FLAGS,
            "--remote-debugging-pipe",
            f"--user-data-dir={profile}",
            "about:blank",
        ]
        process = subprocess.Popen(command, pass_fds=ends, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for end in (theirs_in, theirs_out, *ends):
            os.close(end)
        try:
            with os.fdopen(ours_out, "wb") as to, os.fdopen(ours_in, "rb") as back:
                yield Tab(to, back)
        finally:
            process.kill()
            process.wait()
