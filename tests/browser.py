"""A headless Chromium for the tests of the viewer; without one they are skipped."""

import io
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from PIL import Image

_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((found for name in _NAMES if (found := shutil.which(name))), None)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


def document_of(page: Path) -> str:
    """The page as it is after its scripts have run."""
    return _run(page, "--dump-dom").decode()


def screenshot(page: Path, *, width: int = 1200, height: int = 800) -> Image.Image:
    """What a person sees of it."""
    with TemporaryDirectory() as folder:
        shot = Path(folder) / "shot.png"
        _run(page, f"--screenshot={shot}", f"--window-size={width},{height}")
        return Image.open(io.BytesIO(shot.read_bytes())).convert("RGB")


def _run(page: Path, *arguments: str) -> bytes:
    assert CHROMIUM is not None
    with TemporaryDirectory() as profile:
        command = [CHROMIUM, *FLAGS, f"--user-data-dir={profile}", *arguments, page.as_uri()]
        done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
