r"""LaTeX as Markdown writes it: `\( \)` becomes `$…$`, `\[ \]` becomes `$$…$$`."""

import re

_CODE = re.compile(r"(```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|`[^`\n]+`)", re.DOTALL)
_INLINE = re.compile(r"\\\(((?:(?!\\[()]).)+)\\\)", re.DOTALL)
_DISPLAY = re.compile(r"\\\[((?:(?!\\[\[\]]).)+)\\\]", re.DOTALL)
_DELIMITED = re.compile(r"\\\[|\\\(|\$")
_CLEAN_UPS = ((r"\coloneqq", ":="), (r"\eqqcolon", "=:"))
"""DeepSeek's own, from its PDF script."""


def dollar_maths(text: str) -> str:
    """Inline Markdown with `$` maths. Code is left as it is."""
    parts = _CODE.split(text)
    return "".join(part if index % 2 else _converted(part) for index, part in enumerate(parts))


def formula_block(text: str) -> str:
    """A formula on its own. One that is written with delimiters inside keeps them, as `$`."""
    if _DELIMITED.search(text):
        return dollar_maths(text)
    return f"$$\n{_cleaned(text)}\n$$" if "\n" in text else f"$${_cleaned(text)}$$"


def without_delimiters(text: str) -> str:
    """The LaTeX alone, for plain text."""
    return _DISPLAY.sub(_stripped, _INLINE.sub(_stripped, text))


def _stripped(match: re.Match[str]) -> str:
    return match[1].strip()


def _converted(text: str) -> str:
    text = _INLINE.sub(lambda match: f"${_stripped(match)}$", _cleaned(text))
    text = _DISPLAY.sub(lambda match: f"$${_stripped(match)}$$", text)
    return re.sub(r"\n{3,}", "\n\n", text)


def _cleaned(text: str) -> str:
    for latex, plain in _CLEAN_UPS:
        text = text.replace(latex, plain)
    return text
