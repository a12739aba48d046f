"""Join two texts of which the second begins before the first ends."""

import re
from difflib import SequenceMatcher

MIN_SHARED_CHARACTERS = 12
"""Letters and digits that both texts must share in one piece to be parts of one text."""
MAX_OVERLAP_CHARACTERS = 400
"""Characters at the end of the first text and at the beginning of the second in which the shared piece is looked
for."""
MAX_LOST_CHARACTERS = 40
"""Characters beyond the shared piece that a cut line may have spoilt, at the end of the first text and at the beginning
of the second."""


def stitch_texts(first: str, second: str, *, min_shared: int = MIN_SHARED_CHARACTERS) -> str | None:
    """Return the joined text; None where the end of the first is not the beginning of the second.

    At least `min_shared` letters and digits must be shared; fewer will do where both are known to be of one line.
    """
    tail, head = first[-MAX_OVERLAP_CHARACTERS:], second[:MAX_OVERLAP_CHARACTERS]
    ours, theirs = _split_tokens(tail), _split_tokens(head)
    found = SequenceMatcher(None, _fold_tokens(ours), _fold_tokens(theirs), autojunk=False).find_longest_match()
    shared = "".join(ours[found.a : found.a + found.size])
    lost = len("".join(ours[found.a + found.size :])), len("".join(theirs[: found.b]))
    if sum(map(str.isalnum, shared)) < min_shared or max(lost) > MAX_LOST_CHARACTERS:
        return None
    return first[: len(first) - lost[0]] + "".join(theirs[found.b + found.size :]) + second[MAX_OVERLAP_CHARACTERS:]


def _split_tokens(text: str) -> list[str]:
    """Return words, signs and stretches of white space; each Chinese or Japanese character is a token of its own."""
    return re.findall(r"[\u2e80-\u9fff\uff00-\uffef]|[^\W\u2e80-\u9fff\uff00-\uffef]+|\s+|[^\w\s]", text)


def _fold_tokens(tokens: list[str]) -> list[str]:
    """Return tokens without the differences of case and white space."""
    return [" " if token.isspace() else token.casefold() for token in tokens]
