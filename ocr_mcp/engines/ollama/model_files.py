"""Finds the file of an Ollama model on this machine."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from ocr_mcp.engines.ollama.library import ModelPart
from ocr_mcp.errors import ModelFileError

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_OTHER_WAY = "or copy that file to this machine and name it with --gguf"


def find_model_file(part: ModelPart, *, url: str, models_folder: str | None) -> Path:
    """Return the path of a part of a model of the Ollama at `url`.

    `models_folder` is OLLAMA_MODELS, None if that is not set.
    Raises `ModelFileError` with a way to go on where that Ollama runs elsewhere or its file cannot be read.
    """
    if urlsplit(url).hostname not in _LOOPBACK:
        raise ModelFileError(
            f"Ollama at {url} runs on another machine, and so its model file {part.path} is not here.",
            hint=f"Run this command on that machine, {_OTHER_WAY}.",
        )
    for path in _candidates(part, models_folder):
        try:
            with path.open("rb"):
                return path
        except FileNotFoundError:
            continue
        except PermissionError as error:
            raise ModelFileError(
                f"'{path}' belongs to another user and cannot be read.",
                hint=f"Run this command with sudo or as the user that Ollama runs as, {_OTHER_WAY}.",
            ) from error
        except OSError as error:
            raise ModelFileError(f"'{path}' cannot be read: {error.strerror}.") from error
    raise ModelFileError(
        f"Ollama at {url} says that its model file is {part.path}, and there is no such file on this machine:"
        " it seems to run in a container, a virtual machine or behind a tunnel.",
        hint=f"Run this command where it runs, {_OTHER_WAY} ('docker cp CONTAINER:{part.path} model.gguf').",
    )


def require_space(folder: Path, size: int) -> None:
    """Raise `ModelFileError` where the disk of `folder` has less than `size` bytes left."""
    free = shutil.disk_usage(folder).free
    if free < size:
        raise ModelFileError(
            f"The copy needs {gigabytes(size)} in '{folder}', and {gigabytes(free)} are free.",
            hint="Remove models that you do not need ('ollama rm NAME').",
        )


def gigabytes(size: int) -> str:
    """Return a size like `6.7 GB`, in powers of 1,000 as Ollama counts; sizes under 100 MB are in MB."""
    return f"{size / 10**9:.1f} GB" if size >= 10**8 else f"{size / 10**6:.1f} MB"


def _candidates(part: ModelPart, models_folder: str | None) -> Iterator[Path]:
    """Yield the path that Ollama says, then the folders that it keeps models in [O envconfig.Models, its installer]."""
    yield Path(part.path)
    folders = [
        models_folder,
        os.path.expanduser("~/.ollama/models"),  # noqa: PTH111  a home folder that cannot be told stays as it is
        "/usr/share/ollama/.ollama/models",
        "/var/lib/ollama/models",
    ]
    for folder in filter(None, folders):
        yield Path(folder) / "blobs" / f"sha256-{part.digest}"
