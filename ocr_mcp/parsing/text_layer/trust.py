"""Whether a PDF page's own text can be used instead of reading its picture: by rules, and by what is read back.

The rules and their thresholds were measured on labelled pages, see `docs/engines.md`, "A PDF's own text".
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
MAX_JUNK_FRACTION = 0.02
MAX_SYMBOL_FRACTION = 0.1
"""Of single characters without a meaning: the braces and roots of formulas are drawn with fonts that have none."""

SCAN_COVER = 0.8
PARTIAL_COVER = 0.1
MAX_HIDDEN_FRACTION = 0.1

MAX_FONT_DIFFERENCE, MAX_SCAN_DIFFERENCE = 0.10, 0.05
"""Mean normalised edit distance of what is read to what the text says, at most."""

MIN_WRONG_DIFFERENCE = 0.30
"""A snippet that differs more is another text; one in eight is let pass."""

SCAN_SNIPPETS, FONT_SNIPPETS = 12, 8
"""How many it takes to prove a scan's text, and to refute a font."""

_MIN_CONFIDENCE = 0.6
"""A recogniser that is less sure of what it sees says nothing about the text."""


class Proof(StrEnum):
    """What must be shown before a page's text is used: nothing can, that its fonts tell the truth, or all of it."""

    NONE = "none"
    FONTS = "fonts"
    EVERY_FONT = "every_font"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class TextLayerVerdict:
    """What the rules say. `trusted` is whether to use the text, `reason` why, `unread_cover` (0 to 1) how much of the
    page is pictures, `proof` what could change it.
    """

    trusted: bool
    reason: str
    unread_cover: float = 0.0
    proof: Proof = Proof.NONE


def judge_text_layer(layer: TextLayer | None) -> TextLayerVerdict:
    """Decide for one page by rules alone. None is a page that cannot have a text layer."""
    if layer is None:
        return TextLayerVerdict(trusted=False, reason="a picture has no text layer")
    count = layer.character_count
    if count < MIN_CHARACTERS and not layer.is_alone:
        return TextLayerVerdict(trusted=False, reason=f"the text layer has {count} characters")
    junk = measure_junk_fraction(layer)
    if junk > MAX_JUNK_FRACTION:
        return TextLayerVerdict(trusted=False, reason=f"{junk:.0%} of the text layer are characters nobody prints")
    return _judge_by_pictures(layer, count)


def _judge_by_pictures(layer: TextLayer, count: int) -> TextLayerVerdict:
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
    """Whether the text is what a program read in the page's picture, kept out of sight to be searched and selected."""
    return layer.raster_cover >= SCAN_COVER and layer.hidden_fraction > 0.5


def measure_junk_fraction(layer: TextLayer) -> float:
    """The part of the characters that are control, private-use, unassigned or U+FFFD, as a broken font map gives.

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
    """The lengths of what stands together without a meaning."""
    marks = "".join("j" if _is_junk(character) else "." for character in "".join(text.split()))
    return [len(run) for run in re.findall("j+", marks)]


def _is_stacked(line: TextLine) -> bool:
    """Whether the characters stand one above the other, as the pieces of a tall brace do."""
    return line.box.width < min(line.box.height, 0.25 * line.font_size * len(line.text))


def _is_junk(character: str) -> bool:
    return character == "\ufffd" or unicodedata.category(character) in ("Cc", "Co", "Cn", "Cs")


def measure_differences(snippets: Sequence[TextSnippet], readings: Sequence[RecognizedSnippet]) -> list[float | None]:
    """How far each reading is from what the text says (0 to 1); None where the recogniser is not sure of it."""
    return [_measure_difference(snippet.text, reading) for snippet, reading in zip(snippets, readings, strict=True)]


def _measure_difference(text: str, reading: RecognizedSnippet) -> float | None:
    if reading.text and reading.confidence < _MIN_CONFIDENCE:
        return None
    return Levenshtein.normalized_distance(folded(text), folded(reading.text))


def agrees(found: Sequence[float], *, max_difference: float = MAX_FONT_DIFFERENCE) -> bool:
    """Whether the text is what the page shows: the mean is small, and no more than one in eight is another text."""
    wrong = sum(difference > MIN_WRONG_DIFFERENCE for difference in found)
    return bool(found) and sum(found) / len(found) <= max_difference and wrong <= len(found) // FONT_SNIPPETS


def is_proven_scan(found: Sequence[float]) -> bool:
    """Whether the text behind a scan says what the scan shows."""
    return len(found) >= SCAN_SNIPPETS and agrees(found, max_difference=MAX_SCAN_DIFFERENCE)


def find_font_doubt(layer: TextLayer, states: dict[str, bool | None], *, every: bool) -> str | None:
    """Why the page's fonts cannot be trusted, None if they can. `states` is by name: proven, refuted or not known.

    What cannot be recognised again (formulas, single words, other scripts) is taken by what the font says of itself.
    """
    used = [font for font in layer.fonts if font.character_count]
    count = sum(font.character_count for font in used) or 1
    false = sum(font.character_count for font in used if states.get(font.name) is False)
    if false > MAX_JUNK_FRACTION * count:
        return f"the text layer does not say what the page shows (fonts with {false / count:.0%} of it)"
    if every and any(states.get(font.name) is not True for font in used):
        return f"the text layer has {layer.character_count} characters, and nothing shows that they are right"
    vague = sum(font.character_count for font in used if not font.is_mapped and states.get(font.name) is None)
    if vague > MAX_SYMBOL_FRACTION * count:
        return f"the fonts of {vague / count:.0%} of the text layer do not say what their characters mean"
    return None


def explain_trust(layer: TextLayer, states: dict[str, bool | None]) -> str:
    """In what way the page's text is known to be right."""
    if _measure_proven_share(layer.fonts, states) >= 0.5:
        return "the page carries its own text, and its fonts read as it says"
    if is_foreign("".join(line.text for line in layer.lines)):
        return "the page carries its own text, in a script that could not be checked; its fonts are in order"
    return "the page carries its own text; its fonts are in order, but too little of it could be checked"


def _measure_proven_share(fonts: Sequence[TextFont], states: dict[str, bool | None]) -> float:
    count = sum(font.character_count for font in fonts)
    return sum(font.character_count for font in fonts if states.get(font.name)) / count if count else 1.0
