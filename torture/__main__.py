"""Run every script, and print one table with a line for each: PASS or FAIL, seconds, figures."""

import argparse
import importlib
import subprocess
import sys
import time

SCRIPTS = (
    "raced_opens",
    "hostile_urls",
    "http_doors",
    "hostile_files",
    "sandbox_cost",
    "corpus_through_server",
    "mutations",
    "client_deaths",
    "protocol_messages",
    "disk_faults",
    "soak",
    "batch_kills",
)


def main() -> int:
    """Run the scripts, and return 0 if every promise held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="run each with the small count that the tests use")
    parser.add_argument("scripts", nargs="*", help=f"run only these, of {', '.join(SCRIPTS)}")
    options = parser.parse_args()
    codes = [_run(name, quick=options.quick) for name in options.scripts or SCRIPTS]
    return max(codes)


def _run(name: str, *, quick: bool) -> int:
    began = time.monotonic()
    command = [sys.executable, "-m", f"torture.{name}"]
    if quick:
        command.append(str(importlib.import_module(f"torture.{name}").QUICK))
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    line = (done.stdout.strip().splitlines() or ["no figures FAIL"])[-1]
    figures, _, word = line.rpartition(" ")
    print(f"{name:24} {word:4} {time.monotonic() - began:6.0f} s  {figures}", flush=True)
    return 0 if done.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
