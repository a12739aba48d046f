"""The two tables of the paper behind `modes`: the cost and the distances of each mode, and how far text compresses."""

from collections.abc import Iterable, Sequence
from statistics import fmean

from ocr_mcp.evaluation.report import format_ratio, format_table
from ocr_mcp.evaluation.scores import CaseScore
from ocr_mcp.evaluation.summaries import Judged
from ocr_mcp.evaluation.systems import Output
from ocr_mcp.model.geometry import Frozen

TOKENS_A_RANGE = 100


class ModeSummary(Frozen):
    """The means of one mode over the pages that were read in it. `compression` is text tokens a vision token.

    `first_tokens` and `last_tokens` bound the text tokens of these pages; None for all pages.
    """

    system: str
    first_tokens: int | None = None
    last_tokens: int | None = None
    pages: int
    vision_tokens: float | None = None
    text_tokens: float | None = None
    compression: float | None = None
    precision: float | None = None
    text: float | None = None
    whole: float | None = None


_Read = tuple[CaseScore, Output]


def mode_summaries(judged: Sequence[Judged]) -> list[ModeSummary]:
    """Each mode over all its pages, then over pages of alike length."""
    in_mode = [(each.run.system, _in_mode(each)) for each in judged]
    whole = [_summary(system, pages) for system, pages in in_mode]
    ranges = sorted({_range(output) for _, pages in in_mode for _, output in pages if output.text_tokens is not None})
    parts = [
        _summary(
            system, [each for each in pages if each[1].text_tokens is not None and _range(each[1]) == first], first
        )
        for first in ranges
        for system, pages in in_mode
    ]
    return [*whole, *(part for part in parts if part.pages)]


def _in_mode(judged: Judged) -> list[_Read]:
    pairs = zip(judged.scores, judged.run.outputs, strict=False)
    return [(score, output) for score, output in pairs if output.mode_tokens is not None]


def _range(output: Output) -> int:
    return (output.text_tokens or 0) // TOKENS_A_RANGE * TOKENS_A_RANGE


def _summary(system: str, pages: Sequence[_Read], first: int | None = None) -> ModeSummary:
    counted = [each.text_tokens / each.mode_tokens for _, each in pages if each.text_tokens and each.mode_tokens]
    return ModeSummary(
        system=system,
        first_tokens=first,
        last_tokens=None if first is None else first + TOKENS_A_RANGE - 1,
        pages=len(pages),
        vision_tokens=_mean(output.mode_tokens for _, output in pages),
        text_tokens=_mean(output.text_tokens for _, output in pages),
        compression=_mean(counted),
        precision=_mean(score.precision for score, _ in pages),
        text=_mean(score.text for score, _ in pages),
        whole=_mean(score.whole for score, _ in pages),
    )


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def mode_tables(judged: Sequence[Judged]) -> str:
    """Both tables; a mode that no page was read in has a line that says so."""
    found = mode_summaries(judged)
    whole = [each for each in found if each.first_tokens is None]
    parts = [each for each in found if each.first_tokens is not None]
    return "\n\n".join([_table("pages", whole), *([_table("text tokens", parts)] if parts else []), *_notes(judged)])


def _table(first: str, lines: Sequence[ModeSummary]) -> str:
    header = [first, "mode", "pages", "vision tokens", "text tokens", "compression", "precision", "text", "page"]
    rows = [[_span(each), each.system, str(each.pages), *_figures(each)] for each in lines]
    return format_table([header, *rows])


def _span(summary: ModeSummary) -> str:
    return "all" if summary.first_tokens is None else f"{summary.first_tokens}-{summary.last_tokens}"


def _figures(summary: ModeSummary) -> list[str]:
    counts = [_count(summary.vision_tokens), _count(summary.text_tokens)]
    times = "" if summary.compression is None else f"{summary.compression:.1f}x"
    return [*counts, times, format_ratio(summary.precision), format_ratio(summary.text), format_ratio(summary.whole)]


def _count(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"


def _notes(judged: Sequence[Judged]) -> list[str]:
    """Say for each system how many pages were not read in its mode, and which token counts show it."""
    notes: list[str] = []
    for each in judged:
        others = [output for output in each.run.outputs if output.failure is None and output.mode_tokens is None]
        if others:
            counts = sorted({output.usage.prompt for output in others if output.usage and output.usage.prompt})
            said = f"requests of {counts[0]} to {counts[-1]} tokens" if counts else "no count of tokens"
            notes.append(
                f"{each.run.system}: {len(others)} pages were not read in this mode, or it is not known: {said}."
            )
    return ["\n".join(notes)] if notes else []
