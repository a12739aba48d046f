"""Load a plain folder: pages with their ground truths beside them, or named in a `manifest.json`.

The ground truth of `page.png` or `page.pdf` is `page.md`, `page.txt` or `page.html`. A PDF of several pages has one
ground truth for all of it, or a Markdown file with a line `<!-- page 3 -->` before each page, as `ocr-mcp read` writes
it. The folder that a page lies in is its type of document.
"""

import re
from collections.abc import Iterator, Sequence
from html import unescape
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from ocr_mcp.errors import CorruptSourceError, SourceError, SourceNotFoundError, UsageError
from ocr_mcp.evaluation.cases import Case, TruthBlock, TruthKind
from ocr_mcp.evaluation.markdown_elements import parse_elements
from ocr_mcp.evaluation.page_distances import to_plain_text
from ocr_mcp.files.access import display_name
from ocr_mcp.model.geometry import Frozen

PAGE_ENDINGS = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"})
TRUTH_ENDINGS: tuple[str, ...] = (".md", ".txt", ".html")
MANIFEST_NAME = "manifest.json"

_PAGE_MARK = re.compile(r"^<!-- page (\d+) -->$", re.MULTILINE)
_TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL | re.IGNORECASE)
_BLOCK_END = re.compile(r"<br\s*/?>|</(?:p|div|h[1-6]|li|tr|section|article)>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]+>")


class ManifestEntry(Frozen):
    """An entry of a manifest: a page or a document, with the path of its ground truth or the ground truth itself.

    Paths are relative to the manifest. `page` is 1-based, None for the whole document. `format` is None where the
    ending of `truth_file` gives it.
    """

    path: str
    page: int | None = None
    type: str = "pages"
    truth_file: str | None = None
    truth: str | None = None
    format: Literal["md", "txt", "html"] | None = None
    name: str | None = None


_ENTRIES = TypeAdapter(list[ManifestEntry])


def load_manifest(path: Path, value: object) -> list[Case]:
    """Return the cases of a manifest. Raises `SourceError` for other JSON, `SourceNotFoundError` for missing files."""
    try:
        entries = _ENTRIES.validate_python(value)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise SourceError(
            f"The manifest '{display_name(path)}' cannot be read: {where}: {error.errors()[0]['msg']}.",
            hint="docs/quality.md shows what an entry is made of.",
        ) from error
    return [_read_entry(path.parent, entry) for entry in entries]


def _read_entry(folder: Path, entry: ManifestEntry) -> Case:
    source = _require_file(folder / entry.path)
    ending = f".{entry.format}" if entry.format else Path(entry.truth_file or ".md").suffix.lower()
    truth = entry.truth if entry.truth is not None else read_truth(_require_file(folder / (entry.truth_file or "")))
    page = f"-{entry.page}" if entry.page is not None else ""
    return make_text_case(
        name=entry.name or f"{Path(entry.path).with_suffix('').as_posix().replace('/', '-')}{page}",
        source=source,
        kind=entry.type,
        numbers=_choose_numbers(source, entry.page),
        truth=truth,
        ending=ending,
    )


def _choose_numbers(source: Path, page: int | None) -> tuple[int, ...] | None:
    if page is not None:
        return (page,)
    return None if source.suffix.lower() == ".pdf" else (1,)


def _require_file(path: Path) -> Path:
    if not path.is_file():
        raise SourceNotFoundError(
            f"'{display_name(path)}', which the manifest names, is not there.",
            hint="Paths are relative to the manifest.",
        )
    return path


def load_folder(folder: Path) -> list[Case]:
    """Return the cases of a folder, in the order of names. Pages without a ground truth are left out."""
    cases: list[Case] = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in PAGE_ENDINGS and not path.name.startswith("."):
            truth = next((beside for ending in TRUTH_ENDINGS if (beside := path.with_suffix(ending)).is_file()), None)
            if truth is not None:
                cases.extend(_read_cases(folder, path, truth))
    return cases


def _read_cases(folder: Path, path: Path, truth: Path) -> Iterator[Case]:
    place = path.relative_to(folder)
    name = "-".join(place.with_suffix("").parts)
    kind = place.parent.as_posix() if place.parent != Path() else "pages"
    text = read_truth(truth)
    pages = _split_marked_pages(text) if truth.suffix == ".md" else {}
    if not pages:
        yield make_text_case(name, path, kind, _choose_numbers(path, None), text, truth.suffix)
    for number, part in pages.items():
        yield make_text_case(f"{name}-{number}", path, kind, (number,), part, truth.suffix)


def _split_marked_pages(text: str) -> dict[int, str]:
    parts = _PAGE_MARK.split(text)
    return {int(number): part.strip() for number, part in zip(parts[1::2], parts[2::2], strict=True)}


def read_truth(path: Path) -> str:
    """Return the text of a file. Raises `CorruptSourceError` where it is not UTF-8."""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorruptSourceError(
            f"The ground truth '{display_name(path)}' is not UTF-8.", hint="Save it as UTF-8."
        ) from error


def make_text_case(
    name: str, source: Path, kind: str, numbers: tuple[int, ...] | None, truth: str, ending: str
) -> Case:
    """Make a case from a whole text, `truth`, whose `ending` names its format. Raises `UsageError` for other endings.

    Plain text has blank lines where its writer liked them, and a document of many pages has too many blocks: both are
    compared as a whole only.
    """
    if ending not in TRUTH_ENDINGS:
        raise UsageError(f"A ground truth cannot end in '{ending}'.", hint=f"Take one of {', '.join(TRUTH_ENDINGS)}.")
    markdown = truth if ending == ".md" else _html_to_markdown(truth) if ending == ".html" else _text_to_markdown(truth)
    has_blocks = ending != ".txt" and numbers is not None and len(numbers) == 1
    blocks = tuple(parse_truth_blocks(markdown)) if has_blocks else None
    has_text = any(block.kind is not TruthKind.TABLE for block in blocks or ())
    whole = to_plain_text(markdown) if has_text or not has_blocks else None
    return Case(name=name, source=str(source), kind=kind, numbers=numbers, blocks=blocks, whole=whole)


def parse_truth_blocks(markdown: str) -> Iterator[TruthBlock]:
    """Yield the blocks of a page in Markdown, in reading order."""
    elements = (each for each in parse_elements(markdown) if not each.is_inline)
    for place, element in enumerate(sorted(elements, key=lambda each: each.position), start=1):
        yield TruthBlock(kind=element.kind, content=element.content, order=place)


def _text_to_markdown(text: str) -> str:
    """Turn plain text into Markdown: blank lines part its paragraphs, form feeds are page ends."""
    return re.sub(r"\n\s*\n", "\n\n", text.replace("\r\n", "\n").replace("\f", "\n\n"))


def _html_to_markdown(source: str) -> str:
    """Turn HTML into Markdown in which tables are still HTML."""
    parts: list[str] = []
    end = 0
    for table in _TABLE.finditer(source):
        parts += [_split_paragraphs(source[end : table.start()]), table[0]]
        end = table.end()
    return "\n\n".join(part for part in (*parts, _split_paragraphs(source[end:])) if part)


def _split_paragraphs(source: str) -> str:
    texts: Sequence[str] = _TAG.sub("", _BLOCK_END.sub("\n\n", re.sub(r"\s+", " ", source))).split("\n\n")
    return "\n\n".join(text.strip() for text in map(unescape, texts) if text.strip())
