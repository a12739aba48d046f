"""Claims that an entry point proves, each printed with its figures and PASS or FAIL."""

import sys


class Proof:
    """Named list of claims; `failures` are those that do not hold."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.failures: list[str] = []

    def claim(self, sentence: str, holds: bool, figures: str) -> None:
        """Print one claim at once, because a proof may take minutes."""
        print(f"{'PASS' if holds else 'FAIL'}  {self.name}: {sentence} ({figures})", flush=True)
        if not holds:
            self.failures.append(f"{sentence} ({figures})")

    def end(self) -> None:
        """Exit with 0 if every claim holds, else with 1."""
        sys.exit(1 if self.failures else 0)
