"""How much of what was read stands in the ground truth: precision as the Fox benchmark counts it.

The share of the different words of the answer that are in the ground truth, marks of Markdown not counted.
DeepSeek-OCR's compression table is made with it. Chinese is compared by characters, where Fox cuts words with jieba.
"""

import re

_CHINESE = re.compile(r"[\u4e00-\u9fa5]")


def word_precision(truth: str, answer: str) -> float | None:
    """0 to 1; None for a ground truth without words. Nothing read is 0."""
    is_chinese = bool(_CHINESE.search(truth) or _CHINESE.search(answer))
    wanted, read = (_split_words(text, by_character=is_chinese) for text in (truth, answer))
    if not wanted:
        return None
    return len(wanted & read) / len(read) if read else 0.0


def _split_words(text: str, *, by_character: bool) -> set[str]:
    words = "".join(text.split()) if by_character else text.split()
    return {word.strip("*_`") for word in words if any(map(str.isalnum, word))}
