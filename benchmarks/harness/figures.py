"""What was measured, as a table for people and JSON for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `holds` is whether the target is met, None where there is none."""

    name: str
    value: float
    unit: str
    target: str = ""
    holds: bool | None = None
    note: str = ""


def at_least(name: str, value: float, target: float, *, note: str = "") -> Figure:
    """A ratio that should be large."""
    return Figure(name, value, "", f">= {target:g}", value >= target, note)


def at_most(name: str, value: float, unit: str, target: float, *, note: str = "") -> Figure:
    """A cost that should be small."""
    return Figure(name, value, unit, f"< {target:g} {unit}".strip(), value < target, note)


def as_table(figures: Sequence[Figure]) -> str:
    """Markdown."""
    rows = [("measured", "value", "target", "", "note"), ("---", "---:", "---", "---", "---")]
    for each in figures:
        verdict = "" if each.holds is None else "yes" if each.holds else "NO"
        rows.append((each.name, f"{each.value:.3g} {each.unit}".strip(), each.target, verdict, each.note))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def write_json(path: Path, figures: Sequence[Figure]) -> None:
    """A list of objects."""
    path.write_text(json.dumps([asdict(each) for each in figures], indent=2) + "\n", "utf-8")
