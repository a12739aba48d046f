"""Disks that are full, read-only or at their limit, at every place that is written to: the pages are read all the same.

Small disks are mounted in a namespace of their own. What is no disk's fault in a test (EIO) stands behind a limit on
the size of files, which fails in the middle of a write too (EFBIG).
"""

import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.documents import numbered_answer, scanned_pdf
from tests.doubles.ollama_server import OllamaDouble
from torture.raw_client import SERVE, Message, environment, handshake, tool_call
from torture.verdict import Verdict, conclude

FULL = 1
QUICK = 1

FAULTS = {
    "full": "mount -t tmpfs -o size=64k none {disk}; head -c 65536 /dev/zero > {disk}/filler || true",
    "read-only": "mount -t tmpfs -o size=64k none {disk}; mount -o remount,ro {disk}",
    "limit": "ulimit -f 0",
}
_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")
_READ = (sys.executable, "-m", "ocr_mcp", "read")
_PAGES = [f"Text of page {number}." for number in (1, 2, 3)]


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command came to."""

    code: int
    output: str
    log: str


@dataclass(frozen=True, slots=True)
class Place:
    """A machine with one bad disk, `disk`, and a document of three pages."""

    fault: str
    folder: Path
    model: OllamaDouble

    @property
    def disk(self) -> Path:
        return self.folder / "disk"

    @property
    def document(self) -> Path:
        return self.folder / "scan.pdf"

    def run(self, *command: object, stdin: bytes = b"", cache: Path | None = None, **settings: object) -> Ended:
        """A command in the namespace in which the disk is bad."""
        env = environment(self.model.url, self.folder, cache_folder=cache or self.folder / "cache", **settings)
        steps = FAULTS[self.fault].format(disk=shlex.quote(str(self.disk)))
        shell = [*_NAMESPACE, "sh", "-ec", f"{steps}\nexec {shlex.join(map(str, command))}"]
        done = subprocess.run(shell, env=env, input=stdin, capture_output=True, timeout=120, check=False)
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def _cache(place: Place) -> bool:
    done = place.run(*_READ, place.document, cache=place.disk / "cache")
    return done.code == 0 and _has_all(done.output) and "not kept for the next time" in done.log


def _output(place: Place) -> bool:
    """The text has no place; it is in the cache, where that can be written, and nothing half is left."""
    target = place.disk / "out.md"
    done = place.run(*_READ, place.document, "-o", target)
    calls = len(place.model.generations)
    again = subprocess.run(
        [*_READ, place.document], env=environment(place.model.url, place.folder), capture_output=True, check=False
    )
    kept = place.fault != "full" or len(place.model.generations) == calls == len(_PAGES)
    said = done.code == 5 and "could not be written" in done.log and "Traceback" not in done.log
    return said and kept and _has_all(again.stdout.decode()) and not list(place.disk.glob(".ocr-mcp-*"))


def _report(place: Place) -> bool:
    """Both documents are read and written, and the loss is said once; or nothing is begun."""
    sources = (place.document, scanned_pdf(place.folder / "other.pdf", pages=3))
    done = place.run(*_READ, *sources, "--report", place.disk / "report.jsonl")
    said = done.code == 5 and done.log.count("The report") == 1 and "Traceback" not in done.log
    refused = place.fault == "read-only" and not done.output
    return said and (refused or all(done.output.count(page) == 2 for page in _PAGES))


def _save_to(place: Place) -> bool:
    """The agent gets the text, and a warning that it is in no file."""
    call = {"source": str(place.document), "save_to": "saved.md"}
    answer = _answer(place, handshake() + tool_call(1, "ocr_pdf", call))
    content: Message = answer.get("result", {}).get("structuredContent") or {"saved_to": "nowhere"}
    said = any("saved.md' could not be written" in warning for warning in content.get("warnings", []))
    return said and content["saved_to"] is None and _has_all(content["text"])


def _answer(place: Place, stdin: bytes) -> Message:
    """The answer with id 1; stdin is held open until it is there."""
    relay = f"(cat; sleep 20) | {shlex.join(SERVE)} | grep -m1 '\"id\":1,'"
    ended = place.run("sh", "-c", relay, stdin=stdin, output_folders=place.disk)
    return json.loads(ended.output or "{}")


def _has_all(text: str) -> bool:
    return all(page in text for page in _PAGES)


PLACES: dict[str, Callable[[Place], bool]] = {
    "cache": _cache,
    "-o": _output,
    "--report": _report,
    "save_to": _save_to,
}


def run(count: int) -> Verdict:
    """Every fault at every place, so often."""
    if not _can_mount():
        return Verdict("no namespaces to mount a bad disk in: nothing was shown", passed=True)
    bad = [
        f"{name} {fault}"
        for _ in range(count)
        for fault in FAULTS
        for name, check in PLACES.items()
        if not _holds(check, fault)
    ]
    figures = (
        f"{count * len(FAULTS) * len(PLACES)} faults at {', '.join(PLACES)}: {len(bad)} lost or unsaid {bad or ''}"
    )
    return Verdict(figures.strip(), not bad)


def _holds(check: Callable[[Place], bool], fault: str) -> bool:
    with tempfile.TemporaryDirectory(prefix="ocr-mcp-disk-") as name, OllamaDouble(answer=numbered_answer()) as model:
        place = Place(fault, Path(name), model)
        place.disk.mkdir()
        scanned_pdf(place.document, pages=3)
        return check(place)


def _can_mount() -> bool:
    try:
        done = subprocess.run([*_NAMESPACE, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    conclude(run, full=FULL)
