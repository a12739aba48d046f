"""What a proof prints: each claim with its figures, and whether it holds."""

import sys


class Proof:
    """The claims of one proof."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.failures: list[str] = []

    def claim(self, sentence: str, holds: bool, figures: str) -> None:
        """Print one claim at once: a proof may take minutes."""
        print(f"{'PASS' if holds else 'FAIL'}  {self.name}: {sentence} ({figures})", flush=True)
        if not holds:
            self.failures.append(f"{sentence} ({figures})")

    def end(self) -> None:
        """Leave the program with the code that says whether all holds."""
        sys.exit(1 if self.failures else 0)
