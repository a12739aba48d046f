"""Match the blocks of an answer with the blocks of the ground truth.

The steps and limits are those of OmniDocBench v1.5's `quick_match`: lines of an answer are joined where together they
are one block, blocks are paired so that the sum of distances is least, pairs that are too far apart are parted again,
and blocks of the ground truth that stand within a block of the answer are added to it. The texts have been cleaned and
are not empty. Distances are edits over the characters of the longer text, 0 (the same) to 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from ocr_mcp.evaluation.extras import pair_cheapest

CERTAIN_DISTANCE = 0.25
"""A block whose partner is nearer than this is not joined with others."""
MAX_PAIR_DISTANCE = 0.7
MAX_EDIT_SHARE_IN_TRUTH = 0.6
"""Edits over characters with which a line of the answer still counts as a part of a block of the ground truth."""
MAX_EDIT_SHARE_IN_ANSWER = 0.4
"""Edits over characters below which a block of the ground truth counts as a part of a block of the answer."""
MAX_PAIRS = 60_000
"""With more pairs of blocks (a whole book on one page) nothing is joined, because each step would take minutes."""

BlockRun = tuple[int, ...]
"""Indexes of blocks of an answer, one after the other."""


@dataclass(frozen=True, slots=True)
class Match:
    """Indexes of blocks of the ground truth, and of the blocks of the answer that stand for them, or none."""

    truth: BlockRun
    answer: BlockRun


def find_margins(margins: Sequence[str], answer: Sequence[str]) -> set[int]:
    """Return the indexes of the blocks of the answer that are margins of the page."""
    return {
        j
        for j, text in enumerate(answer)
        if any(_measure_distance(margin, text) < CERTAIN_DISTANCE for margin in margins)
    }


def match_blocks(truth: Sequence[str], answer: Sequence[str]) -> list[Match]:
    """Put every block of the truth into one match; blocks of the answer that no truth is left for are in none."""
    if not truth or not answer:
        return [Match((i,), ()) for i in range(len(truth))]
    if len(truth) == len(answer) == 1:
        return [Match((0,), (0,))]
    found: dict[BlockRun, list[int]] = {}
    for run, i in _pair_runs(truth, answer):
        found.setdefault(run, []).append(i)
    taken = {i for group in found.values() for i in group}
    _add_contained(found, taken, truth, answer)
    matches = [Match(tuple(sorted(group)), run) for run, group in found.items() if group]
    return matches + _match_rest(found, taken, truth, answer)


def match_one_to_one(truth: Sequence[str], answer: Sequence[str]) -> list[Match]:
    """Match each block of the truth with at most one of the answer, at any distance."""
    pairs = dict(pair_cheapest(_measure_costs(truth, answer))) if truth and answer else {}
    return [Match((i,), (pairs[i],) if i in pairs else ()) for i in range(len(truth))]


def _measure_distance(first: str, second: str) -> float:
    return Levenshtein.normalized_distance(first, second)


def _measure_costs(truth: Sequence[str], answer: Sequence[str]) -> list[list[float]]:
    return [[_measure_distance(each, other) for other in answer] for each in truth]


def _pair_runs(truth: Sequence[str], answer: Sequence[str]) -> list[tuple[BlockRun, int]]:
    """Return runs of the answer, each with the index of the block of the truth that it stands for."""
    costs = _measure_costs(truth, answer)
    runs: list[BlockRun] = [(j,) for j in range(len(answer))]
    if len(truth) * len(answer) <= MAX_PAIRS:
        joined = _find_joined_runs(truth, answer, costs)
        if joined:
            runs = _replace_by_joined(runs, joined)
            costs = _measure_costs(truth, [_join_run(answer, run) for run in runs])
    return [(runs[column], i) for i, column in pair_cheapest(costs) if costs[i][column] <= MAX_PAIR_DISTANCE]


def _join_run(answer: Sequence[str], run: BlockRun) -> str:
    return " ".join(answer[j] for j in run)


def _replace_by_joined(runs: list[BlockRun], joined: list[BlockRun]) -> list[BlockRun]:
    inside = {j: run for run in joined for j in run}
    return list(dict.fromkeys(inside.get(run[0], run) for run in runs))


def _find_joined_runs(truth: Sequence[str], answer: Sequence[str], costs: list[list[float]]) -> list[BlockRun]:
    """Return the nearest run for each block of the truth without a certain partner; no runs overlap."""
    certain = {j for row in costs for j, cost in enumerate(row) if cost < CERTAIN_DISTANCE}
    open_blocks = [i for i, row in enumerate(costs) if min(row) >= CERTAIN_DISTANCE]
    starts = [j for j in range(len(answer)) if j not in certain]
    if not starts:
        return []
    nearest: list[tuple[BlockRun, float]] = []
    for i in open_blocks:
        windows = _Windows(truth[i])
        runs = [_grow_run(j, windows, answer, certain) for j in starts]
        nearest.append(
            min(((run, _measure_distance(truth[i], _join_run(answer, run))) for run in runs), key=lambda each: each[1])
        )
    return _drop_overlaps(nearest)


def _grow_run(start: int, truth: "_Windows", answer: Sequence[str], certain: set[int]) -> BlockRun:
    """Return the run from `start` that grows while each line is a part of the block and brings the run nearer to it."""
    run = [start]
    for j in range(start + 1, len(answer)):
        if j in certain or not _brings_nearer(truth, [answer[k] for k in run], answer[j]):
            break
        run.append(j)
        if len(" ".join(answer[k] for k in run)) > len(truth.text):
            break
    return tuple(run)


def _brings_nearer(truth: "_Windows", lines: list[str], line: str) -> bool:
    so_far = " ".join(lines)
    if _measure_distance(truth.text, f"{so_far} {line}") > _measure_distance(truth.text, so_far):
        return False
    return all(truth.has(each, MAX_EDIT_SHARE_IN_TRUTH) for each in lines) and truth.has(
        line, MAX_EDIT_SHARE_IN_TRUTH, strict=True
    )


class _Windows:
    """The parts of a text, in which other texts are searched; results are remembered."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._known: dict[tuple[str, int], bool] = {}

    def has(self, part: str, limit: float, *, strict: bool = False) -> bool:
        """Return whether a window as long as `part` differs from it in at most (strict: less than) this share of it."""
        most = limit * len(part)
        edits = int(most) - (strict and most == int(most))
        key = part, edits
        if key not in self._known:
            self._known[key] = self._search(part, edits)
        return self._known[key]

    def _search(self, part: str, edits: int) -> bool:
        size = len(part)
        if not size or size > len(self.text) or edits < 0:
            return False
        windows = [self.text[at : at + size] for at in range(len(self.text) - size + 1)]
        return process.extractOne(part, windows, scorer=Levenshtein.distance, score_cutoff=edits) is not None


def _drop_overlaps(nearest: list[tuple[BlockRun, float]]) -> list[BlockRun]:
    """Keep, of runs that share lines, the set without common lines whose mean distance is least."""
    chosen: list[BlockRun] = []
    for group in _group_overlapping(sorted(nearest, key=lambda each: each[0][0])):
        paths = [[group[0]]]
        for run, cost in group[1:]:
            _extend_paths(paths, run, cost)
        best = min(paths, key=lambda path: sum(cost for _, cost in path) / len(path))
        chosen.extend(run for run, _ in best)
    return chosen


def _group_overlapping(runs: list[tuple[BlockRun, float]]) -> list[list[tuple[BlockRun, float]]]:
    groups: list[list[tuple[BlockRun, float]]] = []
    for run, cost in runs:
        if groups and any(set(run) & set(other) for other, _ in groups[-1]):
            groups[-1].append((run, cost))
        else:
            groups.append([(run, cost)])
    return groups


def _extend_paths(paths: list[list[tuple[BlockRun, float]]], run: BlockRun, cost: float) -> None:
    """Add a run to every path that it fits on; one that fits on none begins another."""
    fits = False
    for path in paths:
        same = next((at for at, (other, _) in enumerate(path) if other == run), None)
        if same is not None:
            path[same] = (run, min(cost, path[same][1]))
            fits = True
        elif not any(set(run) & set(other) for other, _ in path):
            path.append((run, cost))
            fits = True
    if not fits:
        paths.append([(run, cost)])


def _add_contained(
    found: dict[BlockRun, list[int]], taken: set[int], truth: Sequence[str], answer: Sequence[str]
) -> None:
    """Add to each block of the answer the blocks of the truth without a partner that stand within it."""
    unmatched = [i for i in range(len(truth)) if i not in taken]
    for j, text in enumerate(answer):
        windows = _Windows(text)
        inside = [i for i in unmatched if windows.has(truth[i], MAX_EDIT_SHARE_IN_ANSWER, strict=True)]
        if inside:
            group = found.setdefault((j,), [])
            group += [i for i in inside if i not in taken]
            taken.update(inside)


def _match_rest(
    found: dict[BlockRun, list[int]], taken: set[int], truth: Sequence[str], answer: Sequence[str]
) -> list[Match]:
    """Match the blocks that are left on both sides; a block of the truth that finds no partner is alone."""
    used = {j for run in found for j in run}
    left = [i for i in range(len(truth)) if i not in taken]
    unused = [j for j in range(len(answer)) if j not in used]
    pairs = dict(pair_cheapest(_measure_costs([truth[i] for i in left], [answer[j] for j in unused])))
    return [Match((i,), (unused[pairs[at]],) if at in pairs else ()) for at, i in enumerate(left)]
