r"""Converts the delimiters of LaTeX to those of Markdown: `\( \)` to `$…$`, `\[ \]` to `$$…$$`."""

import re

_CODE = re.compile(r"(```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|`[^`\n]+`)", re.DOTALL)
_INLINE = re.compile(r"\\\(((?:(?!\\[()]).)+)\\\)", re.DOTALL)
_DISPLAY = re.compile(r"\\\[((?:(?!\\[\[\]]).)+)\\\]", re.DOTALL)
_DELIMITED = re.compile(r"\\\[|\\\(|\$")
_COMMAND_REPLACEMENTS = ((r"\coloneqq", ":="), (r"\eqqcolon", "=:"))
"""Commands and what replaces them, as in the PDF script of the default model's authors."""


def dollar_maths(text: str) -> str:
    """Convert formulas in inline Markdown to `$` delimiters, and several blank lines to one. Code is not changed."""
    parts = _CODE.split(text)
    return "".join(part if index % 2 else _convert_delimiters(part) for index, part in enumerate(parts))


def formula_block(text: str) -> str:
    """Return a formula as a paragraph in `$$`. If it has delimiters inside, only these are converted."""
    if _DELIMITED.search(text):
        return dollar_maths(text)
    return f"$$\n{_replace_commands(text)}\n$$" if "\n" in text else f"$${_replace_commands(text)}$$"


def strip_delimiters(text: str) -> str:
    """Remove the delimiters from around formulas, for plain text."""
    return _DISPLAY.sub(_inner_latex, _INLINE.sub(_inner_latex, text))


def _inner_latex(match: re.Match[str]) -> str:
    return match[1].strip()


def _convert_delimiters(text: str) -> str:
    text = _INLINE.sub(lambda match: f"${_inner_latex(match)}$", _replace_commands(text))
    text = _DISPLAY.sub(lambda match: f"$${_inner_latex(match)}$$", text)
    return re.sub(r"\n{3,}", "\n\n", text)


def _replace_commands(text: str) -> str:
    for latex, plain in _COMMAND_REPLACEMENTS:
        text = text.replace(latex, plain)
    return text
