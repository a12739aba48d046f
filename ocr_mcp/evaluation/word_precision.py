"""Measure the precision of words as the Fox benchmark does.

Precision is the share of the different words of the answer that are in the ground truth; marks of Markdown do not
count. The compression table of the paper behind `modes` uses it. Chinese is compared by characters, where Fox cuts
words with jieba.
"""

import re

_CHINESE = re.compile(r"[\u4e00-\u9fa5]")


def word_precision(truth: str, answer: str) -> float | None:
    """Return the precision, 0 to 1; None for a ground truth without words. An answer without words has 0."""
    is_chinese = bool(_CHINESE.search(truth) or _CHINESE.search(answer))
    wanted, read = (_split_words(text, by_character=is_chinese) for text in (truth, answer))
    if not wanted:
        return None
    return len(wanted & read) / len(read) if read else 0.0


def _split_words(text: str, *, by_character: bool) -> set[str]:
    words = "".join(text.split()) if by_character else text.split()
    return {word.strip("*_`") for word in words if any(map(str.isalnum, word))}
