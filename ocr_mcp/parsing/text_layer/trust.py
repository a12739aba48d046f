"""Judge whether a PDF page's own text can be used instead of reading its picture, by rules and by reading it back.

The rules and thresholds were measured on labelled pages: docs/engines.md, "A PDF's own text". Reading back means to
recognize snippets of the page's picture and to compare them with its text.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import Levenshtein

from ocr_mcp.model.scripts import folded, is_foreign
from ocr_mcp.model.text_layers import RecognizedSnippet, TextFont, TextLayer, TextLine, TextSnippet

MIN_CHARACTERS = 30
"""Characters under which a text layer is too short to be judged, unless nothing else is drawn on the page."""
MAX_JUNK_FRACTION = 0.02
"""Part of the characters that may be junk: control, private-use or unassigned ones."""
MAX_SYMBOL_FRACTION = 0.1
"""Part of the characters that may be single ones without a meaning: the braces and roots of formulas are drawn with
fonts that give them none. It is also the part that may be set in fonts that do not say what their characters mean."""

SCAN_COVER = 0.8
"""Part of the page that pictures cover from which the page is a scan."""
PARTIAL_COVER = 0.1
"""Part of the page that pictures cover from which they are read as well."""
MAX_HIDDEN_FRACTION = 0.1
"""Part of the characters that may be unseen on the page."""

MAX_FONT_DIFFERENCE, MAX_SCAN_DIFFERENCE = 0.10, 0.05
"""Largest mean of the normalized edit distances (0 to 1) between the text and what is read back: of a font's snippets,
and of a scan's."""

MIN_WRONG_DIFFERENCE = 0.30
"""Distance above which a snippet is another text; one in eight of such may pass."""

SCAN_SNIPPETS, FONT_SNIPPETS = 12, 8
"""Snippets that are needed to prove the text of a scan, and to refute a font."""

_MIN_CONFIDENCE = 0.6
"""Confidence (0 to 1) under which a reading says nothing about the text."""


class Proof(StrEnum):
    """The proof that is needed before a page's text is used.

    `NONE`: no proof can change the verdict. `FONTS`: no font is refuted. `EVERY_FONT`: each font is proven. `PAGE`: the
    text agrees with the picture all over the page.
    """

    NONE = "none"
    FONTS = "fonts"
    EVERY_FONT = "every_font"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class TextLayerVerdict:
    """The verdict of the rules on a text layer.

    `trusted` is whether to use the text, and `reason` says why. `unread_cover` (0 to 1) is the part of the page that
    pictures cover, 0 where it is too small to matter. `proof` is what could change the verdict.
    """

    trusted: bool
    reason: str
    unread_cover: float = 0.0
    proof: Proof = Proof.NONE


def judge_text_layer(layer: TextLayer | None) -> TextLayerVerdict:
    """Judge the text layer of one page by rules alone. None stands for a page that cannot have one."""
    if layer is None:
        return TextLayerVerdict(trusted=False, reason="a picture has no text layer")
    count = layer.character_count
    if count < MIN_CHARACTERS and not layer.is_alone:
        return TextLayerVerdict(trusted=False, reason=f"the text layer has {count} characters")
    junk = measure_junk_fraction(layer)
    if junk > MAX_JUNK_FRACTION:
        return TextLayerVerdict(
            trusted=False, reason=f"{junk:.0%} of the text layer are control, private-use or unassigned characters"
        )
    return _judge_by_pictures(layer, count)


def _judge_by_pictures(layer: TextLayer, count: int) -> TextLayerVerdict:
    """Judge a text layer by how much of the page pictures cover and how much of the text cannot be seen."""
    unread = layer.raster_cover if layer.raster_cover >= PARTIAL_COVER else 0.0
    if layer.raster_cover >= SCAN_COVER:
        reason = "the page is a scan, and its text layer is another program's OCR"
        return TextLayerVerdict(trusted=False, reason=reason, unread_cover=unread, proof=Proof.PAGE)
    if layer.hidden_fraction > MAX_HIDDEN_FRACTION:
        reason = f"{layer.hidden_fraction:.0%} of the text layer cannot be seen"
        return TextLayerVerdict(trusted=False, reason=reason, unread_cover=unread, proof=Proof.PAGE)
    if count == 0:
        return TextLayerVerdict(trusted=True, reason="nothing is drawn on the page")
    proof = Proof.FONTS if count >= MIN_CHARACTERS else Proof.EVERY_FONT
    return TextLayerVerdict(trusted=True, reason="the page carries its own text", unread_cover=unread, proof=proof)


def is_ocr_behind_scan(layer: TextLayer) -> bool:
    """Tell whether the text is another program's OCR of the page's picture.

    Such text is hidden, so that it can be searched and selected.
    """
    return layer.raster_cover >= SCAN_COVER and layer.hidden_fraction > 0.5


def measure_junk_fraction(layer: TextLayer) -> float:
    """Return the part (0 to 1) of the characters that are junk, as a broken font map gives.

    The pieces of braces and roots, one or two together or stacked, are not counted up to a tenth of the page.
    """
    count = layer.character_count
    if not count:
        return 0.0
    junk = [(_measure_junk_runs(line.text), _is_stacked(line)) for line in layer.lines]
    total = sum(run for runs, _ in junk for run in runs) / count
    symbols = sum(run for runs, stacked in junk for run in runs if stacked or run < 3) / count
    return total if symbols > MAX_SYMBOL_FRACTION else total - symbols


def _measure_junk_runs(text: str) -> list[int]:
    """Return the lengths of the runs of junk characters in a text, white space left out."""
    marks = "".join("j" if _is_junk(character) else "." for character in "".join(text.split()))
    return [len(run) for run in re.findall("j+", marks)]


def _is_stacked(line: TextLine) -> bool:
    """Tell whether the characters of a line stand one above the other, as the pieces of a tall brace do."""
    return line.box.width < min(line.box.height, 0.25 * line.font_size * len(line.text))


def _is_junk(character: str) -> bool:
    """Tell whether a character is U+FFFD, a control, private-use or unassigned character, or a lone surrogate."""
    return character == "\ufffd" or unicodedata.category(character) in ("Cc", "Co", "Cn", "Cs")


def measure_differences(snippets: Sequence[TextSnippet], readings: Sequence[RecognizedSnippet]) -> list[float | None]:
    """Return the distance (0 to 1) of each reading from its text; None where the recognizer is not sure of it."""
    return [_measure_difference(snippet.text, reading) for snippet, reading in zip(snippets, readings, strict=True)]


def _measure_difference(text: str, reading: RecognizedSnippet) -> float | None:
    """Return the normalized edit distance of folded texts; None for a reading of low confidence.

    A reading without text has no confidence, and counts as wholly different.
    """
    if reading.text and reading.confidence < _MIN_CONFIDENCE:
        return None
    return Levenshtein.normalized_distance(folded(text), folded(reading.text))


def agrees(found: Sequence[float], *, max_difference: float = MAX_FONT_DIFFERENCE) -> bool:
    """Tell whether the text is what the page shows, by the distances of its snippets.

    Their mean is at most `max_difference`, and at most one in eight is of another text.
    """
    wrong = sum(difference > MIN_WRONG_DIFFERENCE for difference in found)
    return bool(found) and sum(found) / len(found) <= max_difference and wrong <= len(found) // FONT_SNIPPETS


def is_proven_scan(found: Sequence[float]) -> bool:
    """Tell whether enough snippets show that the text behind a scan says what the scan shows."""
    return len(found) >= SCAN_SNIPPETS and agrees(found, max_difference=MAX_SCAN_DIFFERENCE)


def find_font_doubt(layer: TextLayer, states: dict[str, bool | None], *, every: bool) -> str | None:
    """Return why the fonts of a page cannot be trusted; None if they can.

    `states` holds by font name: True for a proven font, False for a refuted one, None for one that could not be
    checked. A font that cannot be read back (formulas, single words, other scripts) counts by whether it says what its
    characters mean. `every` asks for a proof of each font.
    """
    used = [font for font in layer.fonts if font.character_count]
    count = sum(font.character_count for font in used) or 1
    false = sum(font.character_count for font in used if states.get(font.name) is False)
    if false > MAX_JUNK_FRACTION * count:
        return f"the text layer does not say what the page shows: the fonts of {false / count:.0%} of it are wrong"
    if every and any(states.get(font.name) is not True for font in used):
        return f"the text layer has {layer.character_count} characters, and nothing shows that they are right"
    vague = sum(font.character_count for font in used if not font.is_mapped and states.get(font.name) is None)
    if vague > MAX_SYMBOL_FRACTION * count:
        return f"the fonts of {vague / count:.0%} of the text layer do not say what their characters mean"
    return None


def explain_trust(layer: TextLayer, states: dict[str, bool | None]) -> str:
    """Return the reason why the text of a page is taken to be right. `states` is as in `find_font_doubt`."""
    if _measure_proven_share(layer.fonts, states) >= 0.5:
        return "the page carries its own text, and its fonts read as it says"
    if is_foreign("".join(line.text for line in layer.lines)):
        return "the page carries its own text, in a script that could not be checked; its fonts are in order"
    return "the page carries its own text; its fonts are in order, but too little of it could be checked"


def _measure_proven_share(fonts: Sequence[TextFont], states: dict[str, bool | None]) -> float:
    """Return the part (0 to 1) of the characters that are set in proven fonts; 1 without characters."""
    count = sum(font.character_count for font in fonts)
    return sum(font.character_count for font in fonts if states.get(font.name)) / count if count else 1.0
