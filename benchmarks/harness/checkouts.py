"""Checkouts of this project whose installed programs are measured side by side."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_IMPORT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Checkout:
    """One checkout, by the Python of the environment that it is installed in."""

    name: str
    python: Path

    @property
    def program(self) -> Path:
        """The installed command. `python -m ocr_mcp` would import the package of the working folder instead."""
        return self.python.with_name("ocr-mcp")

    @property
    def read(self) -> tuple[str, ...]:
        """The command that reads documents."""
        return str(self.program), "read"

    @property
    def serve(self) -> tuple[str, ...]:
        """The command that serves MCP over stdio."""
        return str(self.program), "serve"


THIS_CHECKOUT = Checkout("this", Path(sys.executable))


def find_checkout(folder: Path) -> Checkout:
    """Return the checkout in `folder`. Raises `ValueError` unless its `.venv` runs the package of that folder."""
    folder = folder.resolve()
    checkout = Checkout("other", folder / ".venv" / "bin" / "python")
    if not checkout.program.is_file():
        raise ValueError(f"'{checkout.program}' is missing. Run 'make .venv/.installed-dev' in '{folder}'.")
    package = _package_folder(checkout)
    if not package.is_relative_to(folder):
        raise ValueError(f"'{checkout.program}' runs the package in '{package}', which is another checkout.")
    return checkout


def _package_folder(checkout: Checkout) -> Path:
    # An environment that was copied from another checkout still points to the package there.
    code = "import ocr_mcp; print(ocr_mcp.__path__[0])"
    command = [checkout.python, "-P", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_IMPORT_SECONDS, check=False)
    if done.returncode != 0:
        raise ValueError(f"'{checkout.python}' cannot import ocr_mcp: {done.stderr.strip()[-200:]}")
    return Path(done.stdout.strip())
