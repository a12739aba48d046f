"""Send mutated PDFs and pictures through a real server: it must answer each in time and live on.

Bytes are flipped, cut out, doubled and replaced by numbers that parsers trip over. The number of a file is its seed, so
a file that did harm can be made again.
"""

import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import anyio
from PIL import Image

from tests.sources import hostile_pdfs
from tests.sources.drawn import pdf_bytes
from torture.corpus.pictures import frames, noise, saved
from torture.corpus_through_server import MAX_PING_SECONDS, MAX_SECONDS, RENDER_SECONDS, code_of
from torture.harness.served import Served, model, served
from torture.harness.verdict import Part, Verdict, conclude_in_parts

FULL = 20_000
QUICK = 100
"""PDFs; a quarter as many pictures come between them."""

_SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"
_MAX_SEED_BYTES = 60_000
_AT_ONCE = 2
_TROUBLE = (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"-1", b"9999999999", b"<<", b"]", b"endobj", b"R")
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff")


def run(part: Part) -> Verdict:
    """Send a part of the PDFs, and a picture after every fourth."""
    found: Counter[str] = Counter()
    seconds: list[float] = []
    done: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="ocr-mcp-mutations-") as folder, model() as url:
        ping_p99 = anyio.run(_read_all, Path(folder), url, mutated_files(part, done), found, seconds)
    late, exits = sum(second > MAX_SECONDS for second in seconds), found.pop("EXIT", 0)
    untyped = found["UNTYPED"] + found["INTERNAL"]
    figures = (
        f"{done['pdf']} mutated PDFs from {part.start} on and {done['picture']} pictures: {exits} exits, {late} late,"
        f" {untyped} untyped, longest {max(seconds):.1f} s of {MAX_SECONDS:g}, ping p99 {ping_p99 * 1000:.0f} ms,"
        f" {dict(found.most_common())}"
    )
    return Verdict(figures, not exits and not late and not untyped and ping_p99 <= MAX_PING_SECONDS)


async def _read_all(folder: Path, url: str, files: Iterator[bytes], found: Counter[str], seconds: list[float]) -> float:
    async with served("stdio", model_url=url, folder=folder, render_seconds=RENDER_SECONDS) as server:

        async def read_some(reader: int) -> None:
            path = folder / f"mutated-{reader}"
            for data in files:
                path.write_bytes(data)
                began = time.monotonic()
                found[await _code(server, path)] += 1
                seconds.append(time.monotonic() - began)

        for start in (hostile_pdfs.one_page(b""), pdf_bytes(pages=1)):
            (folder / "first").write_bytes(start)
            await _code(server, folder / "first")  # the first calls import modules and start workers
        server.ping_seconds.clear()
        async with anyio.create_task_group() as tasks:
            for reader in range(_AT_ONCE):
                tasks.start_soon(read_some, reader)
        found["EXIT"] += not server.is_alive
        return server.ping_p99()


async def _code(server: Served, path: Path) -> str:
    result = await server.client.call_tool("ocr_pdf", {"source": str(path), "pages": "1"})
    return code_of(result)


def mutated_files(part: Part, done: Counter[str]) -> Iterator[bytes]:
    """Yield the PDFs of a part, and a picture after every fourth; `done` counts them."""
    pdfs, pictures = _pdf_seeds(), _picture_seeds()
    for number in part.numbers():
        yield mutated(pdfs[number % len(pdfs)], random.Random(number))
        done["pdf"] += 1
        if number % 4 == 3:
            index = number // 4
            yield mutated(pictures[index % len(pictures)], random.Random(-1 - number))
            done["picture"] += 1


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Return the bytes with one to twenty changes."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 20)):
        chance.choice(_CHANGES)(changed, chance)
    return bytes(changed) or b"\0"


def _flip(data: bytearray, chance: random.Random) -> None:
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _cut(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data) + 1)
    del data[start : start + chance.choice((1, 16, 256))]


def _double(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data) + 1)
    data[start:start] = data[start : start + chance.choice((1, 16, 256))]


def _replace(data: bytearray, chance: random.Random) -> None:
    start, trouble = chance.randrange(len(data) + 1), chance.choice(_TROUBLE)
    data[start : start + len(trouble)] = trouble


def _number(data: bytearray, chance: random.Random) -> None:
    """Replace a digit nearby, as in lengths, offsets and object numbers."""
    start = chance.randrange(len(data) + 1)
    for index in range(start, min(start + 200, len(data))):
        if 0x30 <= data[index] <= 0x39:
            data[index] = chance.choice(b"0123456789")
            return


_CHANGES: tuple[Callable[[bytearray, random.Random], None], ...] = (_flip, _flip, _cut, _double, _replace, _number)


def _pdf_seeds() -> list[bytes]:
    made = [pdf_bytes(pages=2), hostile_pdfs.one_page(b"BT /F 9 Tf (a) Tj ET"), hostile_pdfs.no_pages()]
    return made + _shared_files(("pypdf_samples", "malformed_qpdf", "malformed_pdfjs"), (".pdf",))


def _picture_seeds() -> list[bytes]:
    made = [saved(noise(60), kind) for kind in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")]
    made += [frames(kind) for kind in ("PNG", "GIF", "TIFF")]
    made.append(saved(Image.new("I;16", (50, 50), 40000), "TIFF"))
    return made + _shared_files(("tesseract_test", "ocrmypdf"), _PICTURES)


def _shared_files(folders: tuple[str, ...], endings: tuple[str, ...]) -> list[bytes]:
    """Return the small real files, none where the collection is missing on this machine."""
    paths = (path for folder in folders for path in sorted((_SHARED_DATA / folder).glob("*")))
    small = (path for path in paths if path.suffix.lower() in endings and path.stat().st_size <= _MAX_SEED_BYTES)
    return [path.read_bytes() for path in small]


if __name__ == "__main__":
    conclude_in_parts(run, full=FULL)
