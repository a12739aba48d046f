"""Measured figures, as a table for people and JSON for programs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Target:
    """The limit that a figure should reach (`is_minimum`) or stay below."""

    limit: float
    is_minimum: bool

    def holds(self, value: float) -> bool:
        return value >= self.limit if self.is_minimum else value < self.limit


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value with its unit; `target` is None where nothing is promised."""

    name: str
    value: float
    unit: str = ""
    target: Target | None = None
    note: str = ""

    @property
    def shown(self) -> str:
        """The value with its unit, to three digits."""
        return f"{self.value:.3g} {self.unit}".strip()

    @property
    def shown_target(self) -> str:
        """The target with its unit; empty where there is none."""
        if self.target is None:
            return ""
        return f"{'>=' if self.target.is_minimum else '<'} {self.target.limit:g} {self.unit}".strip()

    @property
    def holds(self) -> bool | None:
        """True if the target is met, None where there is none."""
        return None if self.target is None else self.target.holds(self.value)


def at_least(name: str, value: float, limit: float, *, note: str = "") -> Figure:
    """Return a ratio that should be large."""
    return Figure(name, value, target=Target(limit, is_minimum=True), note=note)


def at_most(name: str, value: float, unit: str, limit: float, *, note: str = "") -> Figure:
    """Return a cost that should be small."""
    return Figure(name, value, unit, Target(limit, is_minimum=False), note)


def take_median(turns: Sequence[Figure]) -> Figure:
    """Return the median of one figure that was measured several times; its note gains the range."""
    if len(turns) == 1:
        return turns[0]
    value = median(each.value for each in turns)
    nearest = min(turns, key=lambda each: abs(each.value - value))
    ordered = sorted(each.value for each in turns)
    seen = f"{ordered[0]:.3g} to {ordered[-1]:.3g} in {len(turns)} turns"
    return replace(nearest, value=value, note=f"{nearest.note}; {seen}" if nearest.note else seen)


def as_table(figures: Sequence[Figure]) -> str:
    """Return Markdown with one line for each figure."""
    rows = [(each.name, each.shown, each.shown_target, _verdict(each), each.note) for each in figures]
    return _markdown([("measured", "value", "target", "", "note"), ("---", "---:", "---", "---", "---"), *rows])


def as_side_by_side(this: Sequence[Figure], other: Sequence[Figure]) -> str:
    """Return Markdown with the figures of both checkouts in each line, and the ratio of this one to the other."""
    header = ("measured", "this", "other", "this / other", "target", "", "note", "note of the other")
    rows = [_both(mine, its) for mine, its in zip(this, other, strict=True)]
    return _markdown([header, ("---", "---:", "---:", "---:", "---", "---", "---", "---"), *rows])


def write_json(path: Path, figures: Sequence[Figure]) -> None:
    """Write the figures as a list of objects."""
    _write(path, [_as_object(each) for each in figures])


def write_side_by_side(path: Path, this: Sequence[Figure], other: Sequence[Figure]) -> None:
    """Write the figures of both checkouts and their ratios as a list of objects."""
    pairs = zip(this, other, strict=True)
    _write(path, [{"this": _as_object(a), "other": _as_object(b), "ratio": compute_ratio(a, b)} for a, b in pairs])


def compute_ratio(this: Figure, other: Figure) -> float | None:
    """Return this value over the other; None unless both are positive, because memory may also shrink."""
    return this.value / other.value if this.value > 0 and other.value > 0 else None


def _both(this: Figure, other: Figure) -> tuple[str, ...]:
    ratio, verdict = _shown_ratio(this, other), _verdict(this)
    return this.name, this.shown, other.shown, ratio, this.shown_target, verdict, this.note, other.note


def _shown_ratio(this: Figure, other: Figure) -> str:
    ratio = compute_ratio(this, other)
    return "" if ratio is None else f"{ratio:.3f}"


def _verdict(figure: Figure) -> str:
    return "" if figure.holds is None else "yes" if figure.holds else "NO"


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _as_object(figure: Figure) -> dict[str, object]:
    return {
        "name": figure.name,
        "value": figure.value,
        "unit": figure.unit,
        "target": figure.shown_target,
        "holds": figure.holds,
        "note": figure.note,
    }


def _write(path: Path, objects: Sequence[dict[str, object]]) -> None:
    path.write_text(json.dumps(objects, indent=2) + "\n", "utf-8")
