"""Measure the time that `from ocr_mcp import Reader, ReadOptions, Document` takes beyond `import pydantic`.

    python -m benchmarks.import_cost

Both are imported in turn, each time in a new process, so that a busy machine slows both.
"""

import argparse
import resource
import subprocess
import sys
import time
from statistics import median

ROUNDS = 15
PYDANTIC = "import pydantic"
LIBRARY = "from ocr_mcp import Reader, ReadOptions, Document"


def measure_import(code: str) -> tuple[float, float]:
    """Return the seconds that a new Python takes for `code`: by the clock, and of the processor."""
    started, used = time.perf_counter(), _cpu_seconds_of_children()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - started, _cpu_seconds_of_children() - used


def _cpu_seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print both medians and their difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each is imported")
    options = parser.parse_args()
    for code in (PYDANTIC, LIBRARY):
        measure_import(code)  # the files are read from the disk, and compiled, only once
    rounds = [(measure_import(PYDANTIC), measure_import(LIBRARY)) for _ in range(options.rounds)]
    for kind, name in enumerate(("clock", "processor")):
        before, after = (median(each[which][kind] for each in rounds) for which in (0, 1))
        print(f"{name}: {LIBRARY}: {after:.3f} s; {PYDANTIC}: {before:.3f} s; difference {after - before:.3f} s")


if __name__ == "__main__":
    main()
