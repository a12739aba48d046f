"""Answers that loop in the ways that models have been seen to loop, made from a random source."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

CHARACTERS = 12_000
"""Characters of a simulated loop: about as many as a limit of 6,000 tokens allows of repetitive text."""

WORDS = (
    *("invoice", "total", "of", "payment", "was", "due", "on", "receipt", "with", "respect", "to", "annual", "growth"),
    *("in", "section", "figure", "shows", "results", "between", "samples", "where", "each", "group", "has", "value"),
)


@dataclass(frozen=True)
class SimulatedLoop:
    """A looping answer; it goes round in circles from `begins` on."""

    kind: str
    text: str
    begins: int


def sentence(rng: random.Random, words: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(words)).capitalize() + ". "


def good_page(rng: random.Random, characters: int) -> str:
    """Paragraphs that repeat nothing."""
    text = ""
    while len(text) < characters:
        text += "".join(sentence(rng, rng.randint(5, 18)) for _ in range(rng.randint(1, 6))).rstrip() + "\n\n"
    return text


def unit_of(rng: random.Random, length: int) -> str:
    """A piece of text, of a table or of a grounded answer, cut to a length."""
    shapes = (
        lambda: sentence(rng, 90),
        lambda: "".join(f"<td>{rng.choice(WORDS)}</td>" for _ in range(60)),
        lambda: "".join(f"<tr><td>{rng.choice(WORDS)}</td><td>{rng.randint(0, 99)}</td></tr>" for _ in range(30)),
        lambda: " | ".join(rng.choice(WORDS) for _ in range(90)),
        lambda: "".join(f"{rng.randint(0, 99)} {rng.choice(WORDS)}\n" for _ in range(80)),
        lambda: "".join(chr(rng.randint(0x4E00, 0x9FA0)) for _ in range(400)),
    )
    return rng.choice(shapes)()[:length]


def periodic(rng: random.Random) -> str:
    return _repeated(unit_of(rng, rng.randint(1, 400)))


def single_character(rng: random.Random) -> str:
    return _repeated(rng.choice("aeX.-_ \n0#*|=é。"))


def filler(rng: random.Random) -> str:
    return _repeated(
        rng.choice(["<td></td>", "| ", "| | |\n", ". ", "- ", "0.00 ", "<tr><td></td><td></td></tr>", "1 "])
    )


def paragraph(rng: random.Random) -> str:
    return _repeated(good_page(rng, rng.randint(200, 1400)))


def counter(rng: random.Random) -> str:
    start, step = rng.randint(0, 300), rng.choice([1, 1, 1, 2, 5, 10])
    shape = rng.choice(
        ["{}. ", "{}) {said}\n", "| {} | {said} |\n", "<tr><td>{}</td><td>{said}</td></tr>", "[{}] {said} "]
    )
    said = sentence(rng, rng.randint(1, 20)).strip()
    return _joined(lambda at: shape.format(start + step * at, said=said))


def marching_boxes(rng: random.Random) -> str:
    label, said = rng.choice(["text", "table", "image", "title"]), sentence(rng, rng.randint(1, 12)).strip()
    tagged, dy = rng.random() < 0.5, rng.randint(1, 40)
    header = "<|ref|>{}<|/ref|><|det|>[[{}, {}, {}, {}]]<|/det|>\n" if tagged else "{}[[{}, {}, {}, {}]]\n"
    body = "" if label == "image" else f"{said}\n\n"
    return _joined(lambda at: header.format(label, 50, at * dy % 960, 950, at * dy % 960 + 38) + body)


def changing_digits(rng: random.Random) -> str:
    said = sentence(rng, rng.randint(2, 30)).strip()
    digits = rng.randint(1, 6)
    return _joined(lambda _: f"{said} {rng.randrange(10**digits):0{digits}}\n")


KINDS: tuple[Callable[[random.Random], str], ...] = (
    periodic,
    single_character,
    filler,
    paragraph,
    counter,
    marching_boxes,
    changing_digits,
)


def simulated_loops(count: int, *, seed: int, pages: Sequence[str] = ()) -> Iterator[SimulatedLoop]:
    """Loops of each kind in turn, each after nothing, after a short beginning or after a long good page.

    The beginnings come from `pages`, or are made up.
    """
    rng = random.Random(seed)
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        length = rng.choice([0, rng.randint(1, 500), rng.randint(2000, 6000)])
        before = (rng.choice(pages) if pages else good_page(rng, length))[:length]
        yield SimulatedLoop(kind.__name__, before + kind(rng), len(before))


def chunks(text: str, rng: random.Random) -> Iterator[str]:
    """The text as it streams in: pieces of 1 to 40 characters."""
    at = 0
    while at < len(text):
        size = rng.randint(1, 40)
        yield text[at : at + size]
        at += size


def _repeated(unit: str) -> str:
    return (unit * (CHARACTERS // len(unit) + 1))[:CHARACTERS]


def _joined(piece: Callable[[int], str]) -> str:
    parts: list[str] = []
    size = 0
    while size < CHARACTERS:
        parts.append(piece(len(parts)))
        size += len(parts[-1])
    return "".join(parts)
