"""Put a full, read-only, limited or broken disk at every place that the program writes to.

The pages must be read all the same, every loss must be reported, and no unfinished file may be left where the disk
still works. `torture.harness.bad_disks` makes the disks.
"""

import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.documents import numbered_answer, scan_number, scanned_pdf
from tests.doubles.ollama_server import GenerateCall, OllamaDouble
from torture.harness.bad_disks import DISKS, shut_down
from torture.harness.raw_client import SERVE, Message, environment, handshake, tool_call
from torture.harness.verdict import Verdict, conclude

FULL = QUICK = 1
"""Rounds over all faults and places."""

_READ = (sys.executable, "-m", "ocr_mcp", "read")
_PAGES = [f"Text of page {number}." for number in (1, 2, 3)]
_FIGURE = "<|ref|>image<|/ref|><|det|>[[100, 100, 500, 500]]<|/det|>"
_WHOLE_DISK = ("full", "read-only", "limit", "dead", "dies")
_NEW_FILES = (*_WHOLE_DISK, "no fsync", "no rename")


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a command; `left` are the names on the bad disk."""

    code: int
    output: str
    log: str
    left: list[str]


@dataclass(slots=True)
class Place:
    """A machine with one bad disk, `disk`, and a document of three pages; `figures` puts a picture on each page."""

    fault: str
    folder: Path
    figures: bool = False
    pid: int = field(default=0, init=False)
    model: OllamaDouble = field(init=False)

    @property
    def disk(self) -> Path:
        return self.folder / "disk"

    @property
    def document(self) -> Path:
        return self.folder / "scan.pdf"

    def run(self, *command: object, stdin: bytes = b"", cache: Path | None = None, **settings: object) -> Ended:
        """Run a command in the namespace in which the disk is bad."""
        env = environment(self.model.url, self.folder, cache_folder=cache or self.folder / "cache", **settings)
        listing = self.folder / "listing"
        shell = DISKS[self.fault].shell(self.disk, shlex.join(map(str, command)), listing=listing)
        pipe = subprocess.PIPE
        with subprocess.Popen(shell, env=env, stdin=pipe, stdout=pipe, stderr=pipe) as running:
            self.pid = running.pid
            output, log = running.communicate(stdin, timeout=180)
        return Ended(running.returncode, output.decode(), log.decode(), listing.read_text().splitlines())

    def answer(self, call: GenerateCall) -> str:
        """Return the page's text; a disk that is to die does so while the second page is read."""
        if self.fault == "dies" and scan_number(call.image) == 2:
            with suppress(OSError):  # it is dead already: both documents have a second page
                shut_down(f"/proc/{self.pid}/root{self.disk}")
        return numbered_answer()(call) + (f"\n{_FIGURE}\n" if self.figures else "")


def _cache(place: Place) -> bool:
    done = place.run(*_READ, place.document, cache=place.disk / "cache")
    return done.code == 0 and _has_all(done.output) and "not kept for the next time" in done.log


def _output(place: Place) -> bool:
    """Return True if the text is in the cache, where that can be written, and no unfinished file is left."""
    done = place.run(*_READ, place.document, "-o", place.disk / "out.md")
    calls = len(place.model.generations)
    again = subprocess.run(
        [*_READ, place.document], env=environment(place.model.url, place.folder), capture_output=True, check=False
    )
    kept = place.fault != "full" or len(place.model.generations) == calls == len(_PAGES)
    return _is_said(done) and kept and _has_all(again.stdout.decode()) and _is_clean(place, done)


def _figures(place: Place) -> bool:
    """Return True if the pages are read, without figures from the first one that could not be written."""
    place.figures = True
    done = place.run(*_READ, place.document, "--figures", place.disk / "figures")
    lost = "figure-3-1.jpg" not in done.output
    return _is_said(done) and _has_all(done.output) and lost and _is_clean(place, done)


def _report(place: Place) -> bool:
    """Return True if both documents are read and the loss is reported once, or if nothing is begun."""
    sources = (place.document, scanned_pdf(place.folder / "other.pdf", pages=3))
    done = place.run(*_READ, *sources, "--report", place.disk / "report.jsonl")
    said = done.code == 5 and done.log.count("The report") == 1 and "Traceback" not in done.log
    refused = place.fault in ("read-only", "dead") and not done.output
    return said and (refused or all(done.output.count(page) == 2 for page in _PAGES))


def _save_to(place: Place) -> bool:
    """Return True if the agent gets the text, and a warning that it is in no file."""
    call = {"source": str(place.document), "save_to": "saved.md"}
    answer, done = _answer(place, handshake() + tool_call(1, "ocr_pdf", call))
    content: Message = answer.get("result", {}).get("structuredContent") or {"saved_to": "nowhere"}
    said = any("saved.md' could not be written" in warning for warning in content.get("warnings", []))
    return said and content["saved_to"] is None and _has_all(content["text"]) and _is_clean(place, done)


def _answer(place: Place, stdin: bytes) -> tuple[Message, Ended]:
    """Return the answer with id 1; stdin is held open until it comes."""
    relay = f"(cat; sleep 20) | {shlex.join(SERVE)} | grep -m1 '\"id\":1,'"
    ended = place.run("sh", "-c", relay, stdin=stdin, output_folders=place.disk)
    return json.loads(ended.output or "{}"), ended


def _is_said(done: Ended) -> bool:
    return done.code == 5 and "could not be written" in done.log and "Traceback" not in done.log


def _is_clean(place: Place, done: Ended) -> bool:
    """Return True if no unfinished file is left; from a broken disk nothing can be deleted."""
    broken = place.fault in ("dead", "dies")
    return broken or not any(name.endswith((".part", ".ocr-mcp-part")) for name in done.left)


def _has_all(text: str) -> bool:
    return all(page in text for page in _PAGES)


PLACES: dict[str, tuple[Callable[[Place], bool], tuple[str, ...]]] = {
    "cache": (_cache, _WHOLE_DISK),
    "-o": (_output, _NEW_FILES),
    "--figures": (_figures, _NEW_FILES),
    "--report": (_report, _WHOLE_DISK),
    "save_to": (_save_to, _NEW_FILES),
}
"""Each place with its check, and the faults that its way of writing can meet."""


def run(count: int) -> Verdict:
    """Try every fault at every place, so often."""
    skipped = {fault: why for fault, disk in DISKS.items() if (why := disk.missing())}
    trials = [
        (name, fault, check)
        for _ in range(count)
        for name, (check, faults) in PLACES.items()
        for fault in faults
        if fault not in skipped
    ]
    bad = [f"{name} {fault}" for name, fault, check in trials if not _holds(check, fault)]
    figures = f"{len(trials)} faults at {', '.join(PLACES)}: {len(bad)} lost or unsaid {bad or ''}".strip()
    return Verdict(f"{figures}{f'; not tried: {skipped}' if skipped else ''}", not bad)


def _holds(check: Callable[[Place], bool], fault: str) -> bool:
    with tempfile.TemporaryDirectory(prefix="ocr-mcp-disk-") as name:
        place = Place(fault, Path(name))
        place.disk.mkdir()
        scanned_pdf(place.document, pages=3)
        with OllamaDouble(answer=place.answer) as place.model:
            return check(place)


if __name__ == "__main__":
    conclude(run, full=FULL)
