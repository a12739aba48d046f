"""Pages as tokens: the vocabulary, and the steps from each token to the next."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gguf import TokenType
from gguf.vocab import bytes_to_unicode

from tests.tiny_model.pages import ScriptedPage

BEGIN, END, PADDING = "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜▁pad▁｜>"
GROUNDING = "<|grounding|>"
MARKUP = ("<|ref|>", "<|/ref|>", "<|det|>", "<|/det|>", "<td>", "</td>", "<tr>", "</tr>")
"""What DeepSeek-OCR writes as single tokens, and what a server drops if the file calls them control tokens."""
MERGES = ("e r", "t h")
"""A byte pair tokenizer needs some; with no others, prompts fall into single bytes."""

_BYTE_NAMES = bytes_to_unicode()


def token_name(piece: bytes) -> str:
    """Bytes as a byte pair vocabulary spells them, one printable character each."""
    return "".join(_BYTE_NAMES[byte] for byte in piece)


class Vocabulary:
    """Tokens by number, with their types. `markup_type` is CONTROL or USER_DEFINED."""

    def __init__(self, markup_type: TokenType) -> None:
        self.types: dict[str, TokenType] = dict.fromkeys((BEGIN, END, PADDING, "<image>"), TokenType.CONTROL)
        self.types |= dict.fromkeys((token_name(bytes([byte])) for byte in range(256)), TokenType.NORMAL)
        self.types |= dict.fromkeys((merge.replace(" ", "") for merge in MERGES), TokenType.NORMAL)
        self.types |= dict.fromkeys((GROUNDING, *MARKUP), markup_type)
        self._numbers = {name: number for number, name in enumerate(self.types)}

    def __len__(self) -> int:
        return len(self.types)

    def __contains__(self, name: str) -> bool:
        return name in self.types

    def number(self, name: str) -> int:
        """The number of a token."""
        return self._numbers[name]

    def add(self, name: str, token_type: TokenType = TokenType.NORMAL) -> int:
        """The number of a token that may be new."""
        self.types.setdefault(name, token_type)
        return self._numbers.setdefault(name, len(self._numbers))


@dataclass(frozen=True)
class Opening:
    """The invisible token that an answer starts with, and when it is to come."""

    token: int
    hue: float
    grounded: bool


@dataclass(frozen=True)
class Step:
    """After `token`, while `landmark` is the last token that occurs once in the script, comes `successor`."""

    token: int
    landmark: int
    successor: int


@dataclass
class Script:
    """All answers as steps over one vocabulary. `landmarks` are the tokens that occur only once."""

    vocabulary: Vocabulary
    openings: list[Opening] = field(default_factory=list[Opening])
    steps: set[Step] = field(default_factory=set[Step])
    landmarks: set[int] = field(default_factory=set[int])


def write_script(pages: Sequence[ScriptedPage], markup_type: TokenType) -> Script:
    """The script for `pages`."""
    script = Script(Vocabulary(markup_type))
    answers: list[tuple[list[int], bool]] = []
    for page in pages:
        for grounded, text in ((False, page.plain), (True, page.grounded)):
            opening = script.vocabulary.add(f"<|opening {page.hue} {grounded}|>", TokenType.CONTROL)
            script.openings.append(Opening(opening, page.hue, grounded))
            answers.append(([opening, *_tokens(text, page.piece_bytes, script.vocabulary)], page.loops))
    count = Counter(token for answer, _ in answers for token in answer)
    script.landmarks = {token for token, times in count.items() if times == 1}
    for answer, loops in answers:
        script.steps |= set(_steps(script, answer, loops=loops))
    return script


def _steps(script: Script, answer: list[int], *, loops: bool) -> Iterator[Step]:
    """The steps of one answer to the end of the sentence, or of two rounds, the second of which leads to a third."""
    opening, *said = answer
    walk = [opening, *said, *said] if loops else answer
    after = said[0] if loops and said else script.vocabulary.number(END)
    landmark = opening
    for token, successor in zip(walk, [*walk[1:], after], strict=True):
        landmark = token if token in script.landmarks else landmark
        yield Step(token, landmark, successor)


def _tokens(text: str, piece_bytes: int | None, vocabulary: Vocabulary) -> Iterator[int]:
    """A text as tokens: markup stays whole, what lies between is cut into pieces."""
    for part in re.split(f"({'|'.join(map(re.escape, MARKUP))})", text):
        if part in MARKUP:
            yield vocabulary.number(part)
        else:
            cuts = _by_length(part, piece_bytes) if piece_bytes else _by_word(part)
            yield from _pieces(cuts, vocabulary)


def _by_word(text: str) -> list[bytes]:
    return [word.encode() for word in re.findall(r"\s*\S+|\s+$", text)]


def _by_length(text: str, piece_bytes: int) -> list[bytes]:
    data = text.encode()
    return [data[start : start + piece_bytes] for start in range(0, len(data), piece_bytes)]


def _pieces(cuts: list[bytes], vocabulary: Vocabulary) -> Iterator[int]:
    """New tokens where possible: a cut that is in the vocabulary is joined to the next one while there is one."""
    piece = b""
    for index, cut in enumerate(cuts):
        piece += cut
        if token_name(piece) not in vocabulary or index == len(cuts) - 1:
            if piece == b".":
                raise ValueError("'.' cannot be a token of the script: it is the last one of each prompt")
            yield vocabulary.add(token_name(piece))
            piece = b""
