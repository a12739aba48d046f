"""`kill -9` again and again while a folder is read: the result is that of an undisturbed run, and little is redone."""

import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.documents import numbered_answer, scan, scan_number
from tests.doubles.ollama_server import GenerateCall, OllamaDouble
from torture.processes import left_after
from torture.raw_client import environment
from torture.verdict import Verdict, conclude

FULL = 200
QUICK = 2
PAGES_A_KILL = 10
IN_FLIGHT = 4
"""Pages that are with the model at once; a kill may cost so many answers, which are asked for again."""

_LATENCY_SECONDS = 0.05
_MOST_SECONDS = 600.0
_READ = (sys.executable, "-m", "ocr_mcp", "read", "-r")


@dataclass(frozen=True, slots=True)
class Batch:
    """A folder of scans, where its results go, and the environment of the program that reads it."""

    scans: Path
    results: Path
    env: dict[str, str]

    @property
    def command(self) -> list[str]:
        return [*_READ, str(self.scans), "-o", str(self.results), "--text-layer", "never"]

    def texts(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.results.iterdir()}


def run(count: int) -> Verdict:
    """So many kills of the reading of ten times as many pages."""
    pages = PAGES_A_KILL * count
    asked: Counter[int] = Counter()
    numbered = numbered_answer()

    def answer(call: GenerateCall) -> str:
        asked[scan_number(call.image)] += 1
        return numbered(call)

    with tempfile.TemporaryDirectory(prefix="ocr-mcp-kills-") as name:
        folder = Path(name)
        scans = _write_scans(folder / "scans", pages)
        with OllamaDouble(answer=answer, slots=IN_FLIGHT, latency_seconds=_LATENCY_SECONDS) as model:
            batch = _batch(folder / "killed", scans, model.url)
            kills = _kill_again_and_again(batch, asked, count)
            ended = subprocess.run(batch.command, env=batch.env, capture_output=True, check=False)
            redone = asked.total() - pages
            left = left_after(batch.env["TMPDIR"], seconds=3)
            calm = _batch(folder / "calm", scans, model.url)
            subprocess.run(calm.command, env=calm.env, capture_output=True, check=True)
        same = batch.texts() == calm.texts() and len(calm.texts()) == pages
    figures = (
        f"{kills} kills of a batch of {pages} pages: {'the same as' if same else 'OTHER THAN'} an undisturbed run,"
        f" {redone} answers redone of {kills * IN_FLIGHT} that were in flight, {len(left)} processes left"
    )
    held = same and ended.returncode == 0 and 0 <= redone <= kills * IN_FLIGHT and not left
    return Verdict(figures, held and kills == count)


def _batch(folder: Path, scans: Path, url: str) -> Batch:
    folder.mkdir()
    env = environment(url, folder, allowed_folders=scans.parent, ollama_parallel=IN_FLIGHT)
    return Batch(scans, folder / "results", env)


def _write_scans(folder: Path, pages: int) -> Path:
    folder.mkdir()
    for number in range(1, pages + 1):
        (folder / f"{number:05}.png").write_bytes(scan(number, size=(200, 280)))
    return folder


def _kill_again_and_again(batch: Batch, asked: Counter[int], count: int) -> int:
    """Kill when a few more answers were asked for, at a random moment of them; how often it was still running."""
    kills, end = 0, time.monotonic() + _MOST_SECONDS + 10 * count
    while kills < count and time.monotonic() < end:
        goal = asked.total() + random.randint(1, PAGES_A_KILL - 1)
        with subprocess.Popen(batch.command, env=batch.env, stderr=subprocess.DEVNULL) as reading:
            while asked.total() < goal and reading.poll() is None:
                time.sleep(0.005)
            time.sleep(random.uniform(0, _LATENCY_SECONDS))
            if reading.poll() is not None:
                return kills
            reading.kill()
        kills += 1
    return kills


if __name__ == "__main__":
    conclude(run, full=FULL)
