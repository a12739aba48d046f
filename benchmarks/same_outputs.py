"""Read the same files with two checkouts, and say how many outputs are equal to the byte.

    python -m benchmarks.same_outputs ../other-checkout ../shared/data --files 60

Up to so many files, spread over the folders of the samples, are read with the embedded engine, their first two pages
at most, as Markdown, JSON and searchable PDF. JSON is compared without the values of "seconds". The other checkout
needs a `.venv` of its own; nothing is imported from it. The exit code is 1 if any output differs.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.harness.checkouts import THIS_CHECKOUT, Checkout, find_checkout
from benchmarks.harness.programs import environment
from benchmarks.samples.chosen_files import choose_files

FORMATS = {"markdown": ".md", "json": ".json", "pdf": ".pdf"}
"""Each format with the ending of its files."""

MAX_FILES = 60
READ_SECONDS = 600
"""Time after which a read is given up."""

_FIRST_PAGES = ("1-2", "1")
"""Ranges that are tried: a document of one page is read whole."""

_NO_SERVER = "http://127.0.0.1:9"
_SECONDS = re.compile(rb'("seconds":\s*)[-+\d.eE]+')


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one read: the exit code, and the output, None where none was written."""

    code: int
    output: bytes | None

    @property
    def shown(self) -> str:
        """The size of the output, or the exit code."""
        return f"exit code {self.code}" if self.output is None else f"{len(self.output):,} bytes"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One file in one format, as both checkouts read it."""

    name: str
    this: Outcome
    other: Outcome

    @property
    def is_same(self) -> bool:
        """True if both wrote the same bytes, or both nothing with the same exit code."""
        return self.this == self.other

    @property
    def has_output(self) -> bool:
        """True if at least one of them wrote something."""
        return self.this.output is not None or self.other.output is not None


@dataclass(frozen=True, slots=True)
class Outputs:
    """The folder in which a checkout has its cache and writes its outputs; `pages` are the ranges that were read."""

    checkout: Checkout
    folder: Path
    pages: dict[Path, str] = field(default_factory=dict[Path, str])

    def read(self, source: Path, name: str, form: str) -> Outcome:
        """Read the first two pages of a document, or the only one."""
        target = self.folder / f"{name}{FORMATS[form]}"
        code = 0
        for pages in (self.pages[source],) if source in self.pages else _FIRST_PAGES:
            code = self._run(source, pages, form, target)
            if target.exists():
                self.pages[source] = pages
                break
        return Outcome(code, drop_seconds(target.read_bytes(), form) if target.exists() else None)

    def _run(self, source: Path, pages: str, form: str, target: Path) -> int:
        env = environment(_NO_SERVER, self.folder / "cache", engine="embedded")
        command = [*self.checkout.read, str(source), "--pages", pages, "--format", form, "-o", str(target)]
        try:
            return subprocess.run(command, env=env, capture_output=True, timeout=READ_SECONDS, check=False).returncode
        except subprocess.TimeoutExpired:
            return -1


def drop_seconds(output: bytes, form: str) -> bytes:
    """Return the part of an output that should be the same on every run."""
    return _SECONDS.sub(rb"\g<1>0", output) if form == "json" else output


def compare_files(sources: Sequence[Path], data: Path, this: Outputs, other: Outputs) -> Iterator[Comparison]:
    """Yield every file in every format, each read with one checkout right after the other."""
    for number, source in enumerate(sources, start=1):
        name = f"{number:03}-{source.stem[:40]}"
        for form in FORMATS:
            title = f"{source.relative_to(data)} as {form}"
            yield Comparison(title, this.read(source, name, form), other.read(source, name, form))


def compare_checkouts(data: Path, files: int, other: Checkout, folder: Path) -> list[Comparison]:
    """Compare all chosen files, and report each on stderr, because a run takes minutes."""
    outputs = [Outputs(checkout, folder / checkout.name) for checkout in (THIS_CHECKOUT, other)]
    for each in outputs:
        each.folder.mkdir(parents=True)
    found: list[Comparison] = []
    for comparison in compare_files(choose_files(data, files), data, *outputs):
        print(f"{'same' if comparison.is_same else 'DIFFERS'}: {comparison.name}", file=sys.stderr, flush=True)
        found.append(comparison)
    return found


def summarize(found: Sequence[Comparison]) -> str:
    """Return how many outputs are equal, how many reads wrote nothing, and a line for each that differs."""
    written = [each for each in found if each.has_output]
    silent = [each for each in found if not each.has_output]
    lines = [f"{sum(each.is_same for each in written)} of {len(written)} outputs are equal to the byte."]
    if silent:
        same = sum(each.is_same for each in silent)
        lines.append(f"{len(silent)} reads wrote nothing with either, {same} of them with the same exit code.")
    lines += [
        f"  differs: {each.name}: {each.this.shown} here, {each.other.shown} there"
        for each in found
        if not each.is_same
    ]
    return "\n".join(lines)


def main() -> int:
    """Print the summary, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path, help="the other checkout")
    parser.add_argument("data", type=Path, help="the folder of samples")
    parser.add_argument("--files", type=int, default=MAX_FILES, help=f"read so many at most, {MAX_FILES} unless given")
    parser.add_argument("--keep", type=Path, help="leave all outputs in this new folder")
    options = parser.parse_args()
    try:
        other = find_checkout(options.checkout)
    except ValueError as error:
        parser.error(str(error))
    if not options.data.is_dir():
        parser.error(f"'{options.data}' is not a folder.")
    place = nullcontext(options.keep) if options.keep else tempfile.TemporaryDirectory(prefix="ocr-mcp-outputs-")
    with place as folder:
        found = compare_checkouts(options.data, options.files, other, Path(folder))
    print(summarize(found))
    return 0 if found and all(each.is_same for each in found) else 1


if __name__ == "__main__":
    sys.exit(main())
