"""Kill a batch with `kill -9` again and again: the result must be that of an undisturbed run, and little is redone.

    python -m torture.batch_kills 200 --folder KEPT --seconds 500

With a folder, a call kills for so long, keeps the batch there, and the next call goes on from it.
"""

import argparse
import io
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from tests.documents import numbered_answer, scan, scan_number
from tests.doubles.http_server import Exchange
from tests.doubles.ollama_calls import GenerateCall, call_of
from tests.doubles.ollama_server import OllamaDouble
from torture.harness.processes import left_after
from torture.harness.raw_client import environment
from torture.harness.verdict import Verdict, end_with

FULL = 200
QUICK = 2
"""Kills."""

PAGES_A_KILL = 10
MAX_NEW_PAGES = 4
"""The most answers that a run is given before its kill. It reads all earlier pages from the cache first."""

IN_FLIGHT = 4
"""Pages that are with the model at once. A kill may cost these, and one answer of each slot that was not stored yet."""

_PAGES_A_DOCUMENT = 100
_LATENCY_SECONDS = 0.1
_STOPS_SECONDS = 10.0
_MAX_SECONDS = 600.0
_READ = (sys.executable, "-m", "ocr_mcp", "read", "-r")


@dataclass(frozen=True, slots=True)
class Batch:
    """A folder of scans, the folder of its results, and the environment of the program that reads it."""

    scans: Path
    results: Path
    env: dict[str, str]

    @property
    def command(self) -> list[str]:
        return [*_READ, str(self.scans), "-o", str(self.results), "--text-layer", "never"]

    def texts(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.results.iterdir()}


@dataclass(slots=True)
class Progress:
    """Counts of the kills so far, and of the requests for each page.

    `lost` counts the kills at which a page was in flight: with the model, or among the last answers of its slots.
    """

    kills: int = 0
    asked: Counter[int] = field(default_factory=Counter[int])
    lost: Counter[int] = field(default_factory=Counter[int])
    _with_model: set[int] = field(default_factory=set[int])
    _answered: deque[int] = field(default_factory=lambda: deque[int](maxlen=IN_FLIGHT))

    def ask(self, number: int) -> None:
        """Note that the model begins with a page."""
        self.asked[number] += 1
        self._with_model.add(number)

    def answer(self, number: int) -> None:
        """Note that the whole answer is on its way."""
        self._with_model.discard(number)
        self._answered.append(number)

    def kill(self) -> None:
        """Note that the program is dead."""
        self.kills += 1
        self.lost.update({*self._with_model, *self._answered})
        self._with_model.clear()
        self._answered.clear()

    @property
    def redone(self) -> int:
        """Number of answers that were asked for again."""
        return self.asked.total() - len(self.asked)

    @property
    def needlessly(self) -> list[int]:
        """Pages that were asked for more often than kills met them in flight."""
        return [number for number, times in self.asked.items() if times - 1 > self.lost[number]]

    @classmethod
    def of(cls, folder: Path) -> "Progress":
        """Return the progress that an earlier call left in the folder."""
        path = folder / "progress.json"
        if not path.exists():
            return cls()
        kept = json.loads(path.read_text())
        asked, lost = (
            Counter({int(number): times for number, times in kept[name].items()}) for name in ("asked", "lost")
        )
        return cls(kept["kills"], asked, lost)

    def keep(self, folder: Path) -> None:
        (folder / "progress.json").write_text(json.dumps({"kills": self.kills, "asked": self.asked, "lost": self.lost}))


def run(count: int) -> Verdict:
    """Kill a batch of ten times as many pages so often."""
    with tempfile.TemporaryDirectory(prefix="ocr-mcp-kills-") as name:
        verdict = run_in(Path(name), count, seconds=_MAX_SECONDS + 10 * count)
    return verdict or Verdict("the kills did not come to an end", passed=False)


def run_in(folder: Path, count: int, *, seconds: float) -> Verdict | None:
    """Return the verdict, or None where time ran out before all kills were done."""
    pages = PAGES_A_KILL * count
    scans = _write_scans(folder / "scans", pages)
    progress = Progress.of(folder)
    with _Model(progress) as model:
        batch = _batch(folder / "killed", scans, model.url)
        still_runs = _kill_again_and_again(
            batch, model, progress, count, until=time.monotonic() + seconds, folder=folder
        )
        if progress.kills < count and still_runs:
            return None
        ended = subprocess.run(batch.command, env=batch.env, capture_output=True, check=False)
        redone, needlessly = progress.redone, progress.needlessly
        left = left_after(batch.env["TMPDIR"], seconds=3)
        calm = _batch(folder / "calm", scans, model.url)
        subprocess.run(calm.command, env=calm.env, capture_output=True, check=True)
    same = batch.texts() == calm.texts() and len(calm.texts()) == -(-pages // _PAGES_A_DOCUMENT)
    figures = (
        f"{progress.kills} kills of a batch of {pages} pages: {'the same as' if same else 'OTHER THAN'} an undisturbed"
        f" run, {redone} answers redone, {len(needlessly)} of pages that were not in flight, {len(left)} processes left"
    )
    held = same and ended.returncode == 0 and len(progress.asked) == pages and not needlessly and not left
    return Verdict(figures, held and progress.kills == count)


class _Model(OllamaDouble):
    """The test Ollama, which notes the requests and answers of each page."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(answer=self._answer_noted, slots=IN_FLIGHT, latency_seconds=_LATENCY_SECONDS)
        self._progress = progress
        self._numbered = numbered_answer()

    async def answer(self, exchange: Exchange) -> None:
        """Answer one request, and note it."""
        try:
            await super().answer(exchange)
        finally:
            if exchange.request.path == "/api/generate" and exchange.request.is_answered:
                self._progress.answer(scan_number(call_of(exchange.request.body).image))

    def wait_until_idle(self) -> None:
        """Wait until no request is left, because the client is dead."""
        until = time.monotonic() + _STOPS_SECONDS
        while self.running:
            if time.monotonic() > until:
                raise RuntimeError("the test Ollama goes on without a client")
            time.sleep(0.005)

    def _answer_noted(self, call: GenerateCall) -> str:
        self._progress.ask(scan_number(call.image))
        return self._numbered(call)


def _batch(folder: Path, scans: Path, url: str) -> Batch:
    folder.mkdir(exist_ok=True)
    env = environment(url, folder, allowed_folders=scans.parent, ollama_parallel=IN_FLIGHT)
    return Batch(scans, folder / "results", env)


def _write_scans(folder: Path, pages: int) -> Path:
    """Write TIFFs of up to a hundred pages each, unless they exist."""
    folder.mkdir(exist_ok=True)
    for first in range(1, pages + 1, _PAGES_A_DOCUMENT):
        path = folder / f"{first:05}.tiff"
        if not path.exists():
            numbers = range(first, min(first + _PAGES_A_DOCUMENT, pages + 1))
            page, *others = (Image.open(io.BytesIO(scan(number, size=(200, 280)))) for number in numbers)
            page.save(path, "TIFF", save_all=True, append_images=others, compression="tiff_lzw")
    return folder


def _kill_again_and_again(
    batch: Batch, model: _Model, progress: Progress, count: int, *, until: float, folder: Path
) -> bool:
    """Kill at a random moment once a few more answers were asked for. Return False if the batch ended before that."""
    while progress.kills < count and time.monotonic() < until:
        goal = progress.asked.total() + random.randint(1, MAX_NEW_PAGES)
        with subprocess.Popen(batch.command, env=batch.env, stderr=subprocess.DEVNULL) as reading:
            while progress.asked.total() < goal and reading.poll() is None:
                time.sleep(0.005)
            time.sleep(random.uniform(0, _LATENCY_SECONDS))
            if reading.poll() is not None:
                return False
            reading.kill()
        model.wait_until_idle()
        progress.kill()
        progress.keep(folder)
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", nargs="?", type=int, default=FULL, help=f"how many kills, {FULL} unless given")
    parser.add_argument("--folder", type=Path, help="an own folder to keep the batch in between calls")
    parser.add_argument("--seconds", type=float, default=500, help="with --folder, how long this call may kill")
    options = parser.parse_args()
    if options.folder is None:
        end_with(run(options.count))
    options.folder.mkdir(exist_ok=True)
    verdict = run_in(options.folder, options.count, seconds=options.seconds)
    if verdict is None:
        sys.exit(f"{Progress.of(options.folder).kills} of {options.count} kills so far; call it again to go on")
    end_with(verdict)


if __name__ == "__main__":
    main()
