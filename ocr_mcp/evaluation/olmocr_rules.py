"""Judge the Markdown of a page by olmOCR-bench's tests.

Source: olmOCR `bench/tests.py` at f7cfe4c. Texts are normalised and compared by the best partial match, with at most
`max_diffs` differences. One rule differs: a formula passes where its LaTeX is the same apart from fonts, spaces and
braces. olmOCR also renders both and compares the pictures, so the pass rate of `math` here is a lower bound.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from rapidfuzz import fuzz

from ocr_mcp.errors import SourceError
from ocr_mcp.evaluation.cases import TruthKind
from ocr_mcp.evaluation.cleaning import clean_formula
from ocr_mcp.evaluation.markdown_elements import parse_elements
from ocr_mcp.evaluation.near_matches import find_match_starts
from ocr_mcp.evaluation.table_relations import TableCells, find_tables

Rule = Mapping[str, Any]

_LINE_BREAK = re.compile(r"<br\s*/?>")
_BOLD_AND_ITALIC_TAGS = re.compile(r"</?[bi]>")
_EMPHASES = (re.compile(r"\*\*(.*?)\*\*"), re.compile(r"__(.*?)__"), re.compile(r"(\*|_)(.*?)\1"))
_PLAIN_CHARACTERS = str.maketrans({"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "＿": "_", "µ": "μ"})
_DASHES = str.maketrans(dict.fromkeys("–—‑‒−", "-"))
_UNWANTED_CHARACTERS = re.compile(
    "[\u4e00-\u9fff\u3040-\u30ff\U0001f600-\U0001f64f\U0001f300-\U0001f5ff\U0001f680-\U0001f6ff\U0001f1e0-\U0001f1ff]"
)
_MAX_REPEATS = 30
_MAX_UNIT_CHARS = 5
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_MARKER_CONTEXT_CHARS = 200
_FORMATS = {
    "heading": (r"^#{1,6}\s+(.+?)$", r"<h[1-6][^>]*>(.*?)</h[1-6]>"),
    "bold": (r"\*\*(.*?)\*\*", r"__(.*?)__", r"<(?:b|strong)\b[^>]*>(.*?)</(?:b|strong)>"),
    "italic": (
        r"(?<!\*)\*(?!\*)(.*?)(?<!\*)\*(?!\*)",
        r"(?<!_)_(?!_)(.*?)(?<!_)_(?!_)",
        r"<(?:i|em)\b[^>]*>(.*?)</(?:i|em)>",
    ),
}


def passes(rule: Rule, markdown: str) -> bool:
    """Return whether the Markdown of a page passes one test. Raises `SourceError` for an unknown type of test."""
    checks: dict[str, Callable[[Rule, str], bool]] = {
        "present": _is_present,
        "absent": lambda rule, markdown: not _is_present(rule, markdown),
        "order": _is_in_order,
        "table": _is_in_table,
        "math": _has_formula,
        "format": _has_format,
        "footnote": _has_footnote,
        "baseline": _is_sound,
    }
    check = checks.get(str(rule["type"]))
    if check is None:
        raise SourceError(
            f"There is no test of type '{rule['type']}' in the olmOCR-bench that is known here.",
            hint=f"Known are {', '.join(checks)}.",
        )
    return check(rule, markdown)


def normalise(text: str) -> str:
    """Return the text with one space for white space, without emphasis, and with plain quotes and dashes."""
    text = _BOLD_AND_ITALIC_TAGS.sub("", _LINE_BREAK.sub(" ", text))
    for emphasis in _EMPHASES:
        text = emphasis.sub(r"\2" if emphasis.groups == 2 else r"\1", text)
    return unicodedata.normalize("NFC", re.sub(r"\s+", " ", text)).translate(_PLAIN_CHARACTERS).translate(_DASHES)


def _min_similarity(rule: Rule, text: str) -> float:
    """Return the least similarity of a match, 0 to 1."""
    return 1.0 - int(rule.get("max_diffs") or 0) / max(1, len(text))


def _is_present(rule: Rule, markdown: str) -> bool:
    text, wanted = normalise(markdown), normalise(rule["text"])
    if rule.get("case_sensitive", True) is False:
        text, wanted = text.lower(), wanted.lower()
    first, last = rule.get("first_n"), rule.get("last_n")
    if first or last:
        text = (text[: int(first)] if first else "") + (text[-int(last) :] if last else "")
    return fuzz.partial_ratio(wanted, text) / 100.0 >= _min_similarity(rule, wanted)


def _is_in_order(rule: Rule, markdown: str) -> bool:
    text, max_edits = normalise(markdown), int(rule.get("max_diffs") or 0)
    before = find_match_starts(normalise(rule["before"]), text, max_edits)
    after = find_match_starts(normalise(rule["after"]), text, max_edits)
    return bool(before and after) and before[0] < after[-1]


def _is_in_table(rule: Rule, markdown: str) -> bool:
    tables = find_tables(markdown, pipes=not rule.get("ignore_markdown_tables"))
    return any(_table_passes(rule, table) for table in tables)


def _table_passes(rule: Rule, table: TableCells) -> bool:
    relations = {
        "up": table.find_above,
        "down": table.find_below,
        "left": table.find_left,
        "right": table.find_right,
        "top_heading": table.find_top_headings,
        "left_heading": table.find_left_headings,
    }
    wanted = [(find, rule[name]) for name, find in relations.items() if rule.get(name)]
    cells = [index for index, text in enumerate(table.texts) if _is_alike(rule, rule["cell"], text)]
    return any(
        all(any(_is_alike(rule, text, table.texts[other]) for other in find(index)) for find, text in wanted)
        for index in cells
    )


def _is_alike(rule: Rule, wanted: str, cell: str) -> bool:
    wanted = normalise(wanted)
    return fuzz.ratio(wanted, normalise(cell)) / 100.0 >= max(0.5, _min_similarity(rule, wanted))


def _has_formula(rule: Rule, markdown: str) -> bool:
    formulas = (each.content for each in parse_elements(markdown) if each.kind is TruthKind.FORMULA)
    wanted = _to_comparable(rule["math"])
    return any(_to_comparable(formula) == wanted for formula in formulas)


def _to_comparable(latex: str) -> str:
    return re.sub(r"[{}\s]|\\[,;:!]", "", clean_formula(latex))


def _has_format(rule: Rule, markdown: str) -> bool:
    flags = re.MULTILINE if rule["format"] == "heading" else re.DOTALL
    found = [text for pattern in _FORMATS[rule["format"]] for text in re.findall(pattern, markdown, flags)]
    wanted, texts = normalise(rule["text"]), [normalise(text) for text in found]
    if rule.get("case_sensitive", True) is False:
        wanted, texts = wanted.lower(), [text.lower() for text in texts]
    return any(fuzz.partial_ratio(wanted, text) / 100.0 >= _min_similarity(rule, wanted) for text in texts)


def _has_footnote(rule: Rule, markdown: str) -> bool:
    places = _find_markers(str(rule["marker"]), markdown)
    before, after = rule.get("appears_before_marker"), rule.get("appears_after_marker")
    is_before = not before or any(_ends_with(rule, before, markdown[:start]) for start, _ in places)
    is_after = not after or any(_begins_with(rule, after, markdown[end:]) for _, end in places)
    return bool(places) and is_before and is_after


def _find_markers(marker: str, markdown: str) -> list[tuple[int, int]]:
    escaped = re.escape(marker)
    patterns = [rf"\[\^{escaped}\](?!:)", rf"(?i:<sup[^>]*>{escaped}</sup>)"]
    if marker.isascii() and marker.isdigit():
        patterns.append(re.escape(marker.translate(_SUPERSCRIPTS)))
    return [found.span() for pattern in patterns for found in re.finditer(pattern, markdown)]


def _ends_with(rule: Rule, wanted: str, text: str) -> bool:
    letters = _keep_letters(wanted)
    return _is_similar(rule, wanted, _keep_letters(text[-_MARKER_CONTEXT_CHARS:])[-2 * len(letters) :])


def _begins_with(rule: Rule, wanted: str, text: str) -> bool:
    letters = _keep_letters(wanted)
    return _is_similar(rule, wanted, _keep_letters(text[:_MARKER_CONTEXT_CHARS])[: 2 * len(letters)])


def _is_similar(rule: Rule, wanted: str, text: str) -> bool:
    return bool(text) and fuzz.partial_ratio(_keep_letters(wanted), text) / 100.0 >= _min_similarity(
        rule, normalise(wanted)
    )


def _keep_letters(text: str) -> str:
    return "".join(character for character in normalise(text) if character.isalnum()).lower()


def _is_sound(rule: Rule, markdown: str) -> bool:
    """Check the whole page, the benchmark's type `baseline`.

    With `max_length` only the number of letters and digits counts: such pages are blank or nearly so. Any other page
    must have text that does not repeat itself at its end, and no emoji and no Chinese or Japanese characters, which no
    page of the benchmark has.
    """
    if rule.get("max_length") is not None:
        text = re.sub(r"!\[.*?\]\(.*?\)", "", markdown) if rule.get("max_length_skips_image_alt_tags") else markdown
        return sum(map(str.isalnum, text)) <= int(rule["max_length"])
    if not any(map(str.isalnum, markdown)):
        return False
    if max(count_repeats_at_end(markdown)) > int(rule.get("max_repeats", _MAX_REPEATS)):
        return False
    return not (rule.get("check_disallowed_characters", True) and _UNWANTED_CHARACTERS.search(markdown))


def count_repeats_at_end(text: str) -> list[int]:
    """Count how often the last 1, 2, … 5 characters are repeated at the end, with white space as one space."""
    text = re.sub(r"\s+", " ", text)
    return [_count_repeats(text, size) for size in range(1, _MAX_UNIT_CHARS + 1)]


def _count_repeats(text: str, size: int) -> int:
    ends = range(len(text), size - 1, -size)
    units = [text[end - size : end] for end in ends]
    same = (first == second for first, second in pairwise(units))
    count = 1 if units else 0
    for is_same in same:
        if not is_same:
            break
        count += 1
    return count
