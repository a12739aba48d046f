"""Clean texts as OmniDocBench does before it compares them: inline LaTeX as Unicode, then letters and digits only.

Source: OmniDocBench v1.5, `utils/data_preprocess.py`.
"""

import re
from collections.abc import Callable
from functools import cache

from ocr_mcp.evaluation.extras import load_latex_to_text

_INLINE = re.compile(r"\$(.*?)\$|\\\((.*?)\\\)")
_ESCAPED = re.compile(r"\\([\\_&%^])")
_SPELLED_BLANKS = re.compile(r"\\t|\\n|/t|/n")  # tabs and line ends that a program wrote out
_NOT_COMPARED = re.compile(r"[^\w\u4e00-\u9fff]")

_DISPLAYED = re.compile(r"\\\[(.+?)(?<!\\)\\\]")
_LAYOUT = re.compile(r"\\(?:tag|hspace|begin|end)\{.*?\}|\\arraycolsep.*?\}")
_FONTS = ("mathbf", "mathrm", "mathnormal", "mathit", "mathbb", "mathcal", "mathscr", "mathfrak", "mathsf", "mathtt")
_TEXTS = ("textbf", "text", "boldmath", "boldsymbol", "operatorname", "bm", "symbfit", "mathbfcal", "symbf")
_SPACES = ("scriptscriptstyle", "notag", "setlength", "coloneqq", "space", "thickspace", "thinspace", "medspace")
_MORE_SPACES = ("nobreakspace", "negmedspace", "quad", "qquad", "enspace", "left", "right", "displaystyle")
_IGNORED_MARKUP = (*(f"\\{name}" for name in (*_FONTS, *_TEXTS, *_SPACES, *_MORE_SPACES)), " ", "$$")


def clean_text(text: str) -> str:
    """Return the letters, digits and underscores of a text, with its formulas as Unicode."""
    return _NOT_COMPARED.sub("", _SPELLED_BLANKS.sub("", show_inline_formulas(text)))


def show_inline_formulas(text: str) -> str:
    """Return the text with each inline formula that has a command, `^` or `_` as the characters that it shows."""
    return _INLINE.sub(_show_formula, text) if "$" in text or "\\(" in text else text


def _show_formula(found: re.Match[str]) -> str:
    formula = _ESCAPED.sub("", found[1] if found[1] is not None else found[2])
    if not any(sign in formula for sign in "\\^_"):
        return found[0]
    shown = latex_to_unicode(f"{formula} " if formula.endswith("\\") else formula)
    return found[0] if shown is None else shown.strip()


@cache
def latex_to_unicode(latex: str) -> str | None:
    """Return the characters that LaTeX shows; None for a text that cannot be read as LaTeX."""
    convert: Callable[[str], str] = load_latex_to_text()
    try:
        return convert(latex)
    except (ValueError, IndexError, TypeError, RecursionError):  # pylatexenc raises these on broken LaTeX
        return None


def clean_formula(latex: str) -> str:
    """Return a formula without delimiters, fonts, spaces and numbers: the part that two ways of writing it share."""
    latex = latex.strip().strip("$").strip("\n")
    if displayed := _DISPLAYED.search(latex):
        latex = displayed[1].strip()
    latex = _LAYOUT.sub("", latex).strip(".")
    for part in _IGNORED_MARKUP:
        latex = latex.replace(part, "")
    return latex.lower()
