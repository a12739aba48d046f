"""Compare this evaluation with OmniDocBench's own evaluator, on the demo pages of a checkout of the benchmark.

    python -m benchmarks.omnidocbench_agreement path/to/OmniDocBench

It needs the evaluator's results: `python pdf_validation.py --config configs/end2end.yaml` leaves them in `result/`. The
predictions of `demo_data/end2end` are compared page by page and table by table.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ocr_mcp.evaluation.loading import load_cases
from ocr_mcp.evaluation.page_distances import EditSum, measure_distances, pair_tables
from ocr_mcp.evaluation.tree_distance import teds

MAX_DIFFERENCE = 5e-5
"""Figures that differ by less are the same to four digits."""

TRUTH = "demo_data/omnidocbench_demo/OmniDocBench_demo.json"
ANSWERS = "demo_data/end2end"
RESULT = "result/end2end_quick_match_{}_per_page_edit.json"
TABLES = "result/end2end_quick_match_table_per_table_TEDS.json"


@dataclass(frozen=True, slots=True)
class Pair:
    """One figure of this evaluation, and the same of OmniDocBench's evaluator."""

    measure: str
    page: str
    ours: float | None
    theirs: float | None

    @property
    def agree(self) -> bool:
        """True if both figures are equal to four digits."""
        if self.ours is None or self.theirs is None:
            return self.ours is self.theirs
        return abs(self.ours - self.theirs) < MAX_DIFFERENCE


def compare_figures(checkout: Path) -> Iterator[Pair]:
    """Yield every figure of every page."""
    measures = ("text_block", "display_formula", "reading_order")
    theirs = {measure: json.loads((checkout / RESULT.format(measure)).read_text()) for measure in measures}
    tables = json.loads((checkout / TABLES).read_text())
    for case in load_cases(checkout / TRUTH):
        picture, blocks = Path(case.source).name, case.blocks or ()
        markdown = (checkout / ANSWERS / f"{case.name}.md").read_text()
        found = measure_distances(blocks, markdown)
        for measure, ours in zip(measures, (_ratio(found.text), _ratio(found.formulas), found.order), strict=True):
            yield Pair(measure, picture, ours, theirs[measure].get(picture))
        for index, (truth, answer) in enumerate(pair_tables(blocks, markdown)):
            scores = tables[f"{picture}_[{index}]"]
            yield Pair("TEDS", picture, teds(answer, truth), scores["TEDS"])
            structure = teds(answer, truth, structure_only=True)
            yield Pair("TEDS structure", picture, structure, scores["TEDS_structure_only"])


def _ratio(edits: EditSum | None) -> float | None:
    return None if edits is None else edits.distance


def main() -> None:
    """Print how many figures agree, and those that do not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path)
    found = list(compare_figures(parser.parse_args().checkout))
    for measure in dict.fromkeys(each.measure for each in found):
        same = [each.agree for each in found if each.measure == measure]
        print(f"{measure}: {sum(same)} of {len(same)} agree")
    for each in found:
        if not each.agree:
            print(f"  {each.measure} {each.ours} here, {each.theirs} there: {each.page}")


if __name__ == "__main__":
    main()
