"""Vision tokens as the reference states them, written a second time so that the engine's arithmetic has an opponent."""

Grid = tuple[int, int]


def tokens(generation: str, width: int, height: int) -> int:
    """What a picture takes in generation A, B or C."""
    if generation == "B":
        n = (1024 if abs(width * height - 1024 * 1024) <= abs(width * height - 1280 * 1280) else 1280) // 64
        return n * (n + 1) + 1
    if generation == "C" and max(width, height) <= 640:
        return 273
    columns, rows = _grid(generation, width, height)
    return 273 + (10 * columns + 1) * (10 * rows)


def _grid(generation: str, width: int, height: int) -> Grid:
    candidates: list[Grid] = []
    for n in range(2, 10):
        for i in range(1, n + 1):
            for j in range(1, n + 1):
                if 2 <= i * j <= 9 and (i, j) not in candidates:
                    candidates.append((i, j))
    if generation == "C":
        candidates.sort(key=lambda grid: grid[0] * grid[1])
    best = candidates[0]
    for target in candidates[1:]:
        gap, least = (abs(width / height - x / y) for x, y in (target, best))
        x, y = best if generation == "A" else target
        if gap < least or (gap == least and width * height > 0.5 * 640 * 640 * x * y):
            best = target
    return best
