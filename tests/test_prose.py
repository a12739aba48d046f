"""The rules of prose and names that a program can check; people judge the others.

A violation is reported with its file and line, so that one run shows all of them.
"""

import ast
import re
import tokenize
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOT_OURS = {"node_modules", "__pycache__"}

MAX_MODULE_LINES = 300

FRAGMENT = re.compile(r"(What|Whether|How|Who|Of|It as|It has|The same)\b")
"""Openings that lead to a clause without a main verb, or to a sentence that needs the one before it."""

CITED_FILE = re.compile(r"[\w./-]*\w\.md\b")

EXAMPLE_FILES = re.compile(r"(?:[\w./-]*/)?(?:[a-z]\d?|page|book|paper|scan|CASE|expected)(?:\.pdf|\.png)?\.md")
"""Names of files that a user or a test might have, such as `scans/a.pdf.md`."""

UNITLESS_NAMES = {
    "SEED": "the sampling parameter's own name; a seed has no unit",
    "TEMPERATURE": "the sampling parameter's own name; a temperature has no unit",
}
"""Constants of one word that may be numbers, each with its reason."""

Finding = tuple[int, str]
"""A line number, from 1, and the text that breaks the rule."""


def own_files(*folders: str, suffix: str) -> list[Path]:
    return sorted(path for folder in folders for path in walk_own(ROOT / folder) if path.suffix == suffix)


def walk_own(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_file():
            yield path
        elif path.name not in NOT_OURS:  # tests/clients has 11,000 files of packages
            yield from walk_own(path)


MODULES = own_files("ocr_mcp", suffix=".py")


@cache
def syntax_tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def docstrings(path: Path) -> Iterator[Finding]:
    """Yield the docstrings of modules, classes and functions, and those under constants and fields."""
    for node in ast.walk(syntax_tree(path)):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield node.lineno, text.strip()
            case _:
                pass


def comments(path: Path) -> Iterator[Finding]:
    for token in tokenize.tokenize(BytesIO(path.read_bytes()).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def forbid(find: Callable[[Path], Iterator[Finding]], *, within: list[Path]) -> None:
    found = [f"{path.relative_to(ROOT)}:{line}: {text}" for path in within for line, text in sorted(find(path))]
    assert not found, "\n".join(["", *found])


def test_docstrings_open_with_a_whole_sentence() -> None:
    def fragments(path: Path) -> Iterator[Finding]:
        return ((line, text.splitlines()[0]) for line, text in docstrings(path) if FRAGMENT.match(text))

    forbid(fragments, within=MODULES)


def missing_citations(path: Path) -> Iterator[Finding]:
    is_code = path.suffix == ".py"
    texts = [*docstrings(path), *comments(path)] if is_code else [(1, path.read_text("utf-8"))]
    for line, text in texts:
        for cited in CITED_FILE.finditer(text):
            # Code names documents by their path from the root: a bare name does not say where to look for it.
            places = [ROOT] if is_code else [path.parent, ROOT]
            if not EXAMPLE_FILES.fullmatch(cited[0]) and not any((place / cited[0]).is_file() for place in places):
                yield line + text.count("\n", 0, cited.start()), cited[0]


def test_cited_documents_are_in_the_repository() -> None:
    code = own_files("ocr_mcp", "tests", "benchmarks", "torture", suffix=".py")
    forbid(missing_citations, within=[*code, *own_files("docs", suffix=".md")])


def test_documents_that_messages_name_are_in_the_repository() -> None:
    def missing_documents(path: Path) -> Iterator[Finding]:
        for node in ast.walk(syntax_tree(path)):
            match node:
                case ast.Constant(value=str(text)):
                    names = re.findall(r"\bdocs/\w+\.md\b", text)
                    yield from ((node.lineno, name) for name in names if not (ROOT / name).is_file())
                case _:
                    pass

    forbid(missing_documents, within=MODULES)


def test_modules_are_short_enough_to_be_read_at_once() -> None:
    def last_line_beyond_limit(path: Path) -> Iterator[Finding]:
        lines = path.read_text("utf-8").splitlines()
        if len(lines) > MAX_MODULE_LINES:
            yield len(lines), f"more than {MAX_MODULE_LINES} lines"

    forbid(last_line_beyond_limit, within=MODULES)


def is_number(value: ast.expr | None) -> bool:
    match value:
        case ast.Constant(value=constant):
            return isinstance(constant, int | float) and not isinstance(constant, bool)
        case ast.UnaryOp(operand=operand):
            return is_number(operand)
        case ast.BinOp(left=left, right=right):
            return is_number(left) and is_number(right)
        case _:
            return False


def one_word_numbers(path: Path) -> Iterator[Finding]:
    for node in syntax_tree(path).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if is_number(value):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=value) if is_number(value):
                pass
            case _:
                continue
        if "_" not in name.strip("_") and name not in UNITLESS_NAMES:
            yield node.lineno, name


def test_numeric_constants_say_what_they_measure() -> None:
    """`MARGIN = 0.03` leaves open of what, and in which unit; `MARGIN_WIDTH_RATIO` does not."""
    forbid(one_word_numbers, within=MODULES)


@pytest.mark.parametrize("name", sorted(UNITLESS_NAMES))
def test_exceptions_are_still_needed(name: str) -> None:
    defined = {
        target.id
        for path in MODULES
        for node in syntax_tree(path).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert name in defined


def test_every_room_says_what_it_is_for() -> None:
    rooms = sorted({path.parent for path in MODULES})
    entries = {room.relative_to(ROOT): room / "__init__.py" for room in rooms}
    without = [
        str(room) for room, path in entries.items() if not path.is_file() or not ast.get_docstring(syntax_tree(path))
    ]
    assert not without
