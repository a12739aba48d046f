"""The text model: two layers of deepseek2-ocr whose heads and output rows follow the script."""

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tests.tiny_model.script import GROUNDING, Script, Step

Weights = NDArray[np.float32]
Tensors = dict[str, Weights]

# ---------------------------------------------------------------- what the residual stream holds

WIDTH, HEAD = 512, 64
BIAS, IS_GROUNDING, IS_LANDMARK = 0, 1, 2  # set by the token embeddings
IS_PICTURE, COLOUR_U, COLOUR_V = 3, 4, 5  # set by the projector; U and V span the colour wheel
SAW_GROUNDING, SAW_U, SAW_V = 6, 7, 8  # written by the attention of layer 0
MEMORY = slice(16, 16 + 2 * HEAD)  # the code of the last landmark, as far as two heads can carry it
CODE = slice(MEMORY.stop, WIDTH)  # a random direction for each token of the script
REMEMBERED = slice(CODE.start, CODE.start + 2 * HEAD)  # the part of a code that goes to the memory

REMEMBERED_LENGTH = math.sqrt((REMEMBERED.stop - REMEMBERED.start) / (CODE.stop - CODE.start))
"""Of the remembered part of a code of length 1, whose numbers are equal but for their signs."""

CODE_LENGTH = 50.0
"""So long that beside it the colour and grounding features do not matter: they only choose the opening."""

# ---------------------------------------------------------------- the shape of the model

LAYERS, DENSE_LAYERS = 2, 1
HEADS = WIDTH // HEAD
DENSE_WIDTH, EXPERT_WIDTH = 2 * WIDTH, 64
EXPERTS, EXPERTS_USED, SHARED_EXPERTS = 4, 2, 2
ROPE_BASE = 10000.0


def zeros(*shape: int) -> Weights:
    """A tensor without effect."""
    return np.zeros(shape, np.float32)


def ones(*shape: int) -> Weights:
    """The scale of a normalisation that only normalises."""
    return np.ones(shape, np.float32)


def text_tensors(script: Script) -> Tensors:
    """All tensors of the text model, by their names in a GGUF. Raises ValueError for a script it cannot follow."""
    codes = _codes(len(script.vocabulary))
    tensors = {
        "token_embd.weight": _embeddings(script, codes),
        "output_norm.weight": ones(WIDTH),
        "output.weight": _output(script, codes),
    }
    for layer in range(LAYERS):
        tensors |= {f"blk.{layer}.{name}": tensor for name, tensor in _layer(dense=layer < DENSE_LAYERS).items()}
    _look_at_the_picture(tensors)
    _look_for_grounding(tensors)
    _remember_the_landmark(tensors)
    _check(script, codes, tensors["output.weight"])
    return tensors


def _codes(count: int) -> Weights:
    """A random unit vector for each token: nearly orthogonal to all others."""
    width = CODE.stop - CODE.start
    signs = np.random.default_rng(seed=1).choice([-1.0, 1.0], size=(count, width))
    return (signs / math.sqrt(width)).astype(np.float32)


def _embeddings(script: Script, codes: Weights) -> Weights:
    """Prompt tokens are all alike, except for `<|grounding|>`; tokens of the script carry their codes."""
    embeddings = zeros(len(codes), WIDTH)
    embeddings[:, BIAS] = 1.0
    embeddings[script.vocabulary.number(GROUNDING), IS_GROUNDING] = 1.0
    embeddings[list(script.landmarks), IS_LANDMARK] = 1.0
    for token in {step.token for step in script.steps}:
        embeddings[token, CODE] = CODE_LENGTH * codes[token]
    return embeddings


def _layer(*, dense: bool) -> Tensors:
    """A layer that hands on what it gets."""
    layer = {f"{name}.weight": zeros(WIDTH, WIDTH) for name in ("attn_q", "attn_k", "attn_v", "attn_output")}
    layer |= {"attn_norm.weight": ones(WIDTH), "ffn_norm.weight": ones(WIDTH)}
    return layer | (_dense_feed_forward() if dense else _expert_feed_forward())


def _dense_feed_forward() -> Tensors:
    return {
        "ffn_gate.weight": zeros(DENSE_WIDTH, WIDTH),
        "ffn_up.weight": zeros(DENSE_WIDTH, WIDTH),
        "ffn_down.weight": zeros(WIDTH, DENSE_WIDTH),
    }


def _expert_feed_forward() -> Tensors:
    return {
        "ffn_gate_inp.weight": zeros(EXPERTS, WIDTH),
        "ffn_gate_exps.weight": zeros(EXPERTS, EXPERT_WIDTH, WIDTH),
        "ffn_up_exps.weight": zeros(EXPERTS, EXPERT_WIDTH, WIDTH),
        "ffn_down_exps.weight": zeros(EXPERTS, WIDTH, EXPERT_WIDTH),
        "ffn_gate_shexp.weight": zeros(SHARED_EXPERTS * EXPERT_WIDTH, WIDTH),
        "ffn_up_shexp.weight": zeros(SHARED_EXPERTS * EXPERT_WIDTH, WIDTH),
        "ffn_down_shexp.weight": zeros(WIDTH, SHARED_EXPERTS * EXPERT_WIDTH),
    }


# ---------------------------------------------------------------- the heads of layer 0


def _carry(tensors: Tensors, head_index: int, source: int, target: int) -> None:
    """Let the head `head_index // HEAD` carry one feature into another, through its channel `head_index % HEAD`."""
    tensors["blk.0.attn_v.weight"][head_index, source] = 1.0
    tensors["blk.0.attn_output.weight"][target, head_index] = 1.0


def _look_at_the_picture(tensors: Tensors) -> None:
    """Head 0 asks for nothing, so it looks at all tokens alike: the mean colour."""
    _carry(tensors, 0, COLOUR_U, SAW_U)
    _carry(tensors, 1, COLOUR_V, SAW_V)


def _look_for_grounding(tensors: Tensors) -> None:
    """Head 1 asks for `<|grounding|>`, through the rotary pair that turns slowest, so that distance does not matter."""
    slowest = HEAD + HEAD // 2 - 1
    tensors["blk.0.attn_q.weight"][slowest, BIAS] = 1.0
    tensors["blk.0.attn_k.weight"][slowest, IS_GROUNDING] = 1.0
    _carry(tensors, HEAD, IS_GROUNDING, SAW_GROUNDING)


def _remember_the_landmark(tensors: Tensors) -> None:
    """Heads 2 and 3 ask for landmarks through all but the fastest rotary pairs.

    The sum of the cosines falls with distance, so the nearest landmark wins. Each head carries half of what is
    remembered of its code, brought to the length that the whole code had before the normalisation.
    """
    restored = CODE_LENGTH / math.sqrt(WIDTH) / REMEMBERED_LENGTH
    for head in (2, 3):
        pairs = slice(head * HEAD + 2, head * HEAD + HEAD // 2)
        tensors["blk.0.attn_q.weight"][pairs, BIAS] = 28.0
        tensors["blk.0.attn_k.weight"][pairs, IS_LANDMARK] = 28.0
        for channel in range(HEAD):
            half = (head - 2) * HEAD + channel
            _carry(tensors, head * HEAD + channel, REMEMBERED.start + half, MEMORY.start + half)
            tensors["blk.0.attn_output.weight"][MEMORY.start + half, head * HEAD + channel] = restored


# ---------------------------------------------------------------- the output rows


class Voter(NamedTuple):
    """What the residual stream holds: the code of a token, that of a landmark, or both."""

    token: int | None = None
    landmark: int | None = None


def _output(script: Script, codes: Weights) -> Weights:
    """The logits: openings follow colour and grounding, all other tokens follow the token and landmark before them.

    A token with a single successor decides alone, with two votes; otherwise token and landmark have one each.
    """
    output = zeros(len(codes), WIDTH)
    for opening in script.openings:
        output[opening.token, SAW_U] = 20.0 * math.cos(math.radians(opening.hue))
        output[opening.token, SAW_V] = 20.0 * math.sin(math.radians(opening.hue))
        output[opening.token, BIAS] = 10.0 if opening.grounded else 25.0
        output[opening.token, SAW_GROUNDING] = 3.0 if opening.grounded else 0.0
    for voter, successor, votes in _votes(script.steps):
        output[successor] += 60.0 * votes * _state(codes, voter)
    return output


def _votes(steps: Iterable[Step]) -> list[tuple[Voter, int, int]]:
    """Who votes for which successor, with how many votes; each once, however many steps say the same.

    In a fixed order, since sums of floating point numbers depend on it.
    """
    successors: defaultdict[int, set[int]] = defaultdict(set)
    for step in steps:
        successors[step.token].add(step.successor)
    votes: set[tuple[Voter, int, int]] = set()
    for step in steps:
        if len(successors[step.token]) == 1:
            votes.add((Voter(token=step.token), step.successor, 2))
        else:
            votes |= {(Voter(token=step.token), step.successor, 1), (Voter(landmark=step.landmark), step.successor, 1)}
    return sorted(votes, key=str)


def _state(codes: Weights, voter: Voter) -> Weights:
    """The direction of the residual stream after a token, while a landmark is remembered; each part of length 1."""
    state = zeros(WIDTH)
    if voter.token is not None:
        state[CODE] = codes[voter.token]
    if voter.landmark is not None:
        state[MEMORY] = codes[voter.landmark][: MEMORY.stop - MEMORY.start] / REMEMBERED_LENGTH
    return state


def _check(script: Script, codes: Weights, output: Weights) -> None:
    """Whether each step wins clearly, were the two parts of the residual stream equally long."""
    names = list(script.vocabulary.types)
    for step in script.steps:
        logits = output @ _state(codes, Voter(step.token, step.landmark))
        rival = int(np.argmax(np.where(np.arange(len(codes)) == step.successor, -np.inf, logits)))
        if logits[step.successor] - logits[rival] < 10.0:
            told = [names[token] for token in (step.token, step.landmark, step.successor, rival)]
            raise ValueError("after {!r} (landmark {!r}) not clearly {!r}: also {!r}".format(*told))
