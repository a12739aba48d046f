"""The picture's way to the text model: SAM, CLIP and the projector, which let nothing but colour through.

SAM's patches measure colour in two directions that grey does not touch; its blocks and its neck hand it on, its strided
convolutions average it, the projector writes it into the residual stream. CLIP is there and says nothing.
"""

import math

import numpy as np

from tests.tiny_model.text_model import BIAS, COLOUR_U, COLOUR_V, IS_PICTURE, WIDTH, Tensors, Weights, ones, zeros

IMAGE_SIZE, PATCH = 1024, 16
SAM_WIDTH, SAM_HEADS = 32, 1
SAM_LAYERS = 3
"""So few that one of them (2, 5, 8, 11) attends globally: llama.cpp does not run without."""
GLOBAL_LAYERS = (2, 5, 8, 11)
STORED_SAM_LAYERS = 12
"""Some builds load twelve, whatever the file says, and compute `SAM_LAYERS` of them."""
WINDOW = 14
NECK, MIDDLE = 32, 48
CLIP_WIDTH, CLIP_FEED_FORWARD, CLIP_HEADS, CLIP_LAYERS = 64, 128, 2, 1
CLIP_PATCH, CLIP_POSITIONS = 14, 257

PLUS_U, MINUS_U, PLUS_V, MINUS_V, HIGH, LOW = range(6)
"""SAM's channels. Each comes with its opposite, so that the mean, which the normalisations subtract, stays 0; the
constants HIGH and LOW set the deviation by which they divide."""


def vision_tensors() -> Tensors:
    """All tensors of the vision model and the projector, by their names in a GGUF."""
    tensors = {"v.sam.pos_embd.weight": zeros(1, IMAGE_SIZE // PATCH, IMAGE_SIZE // PATCH, SAM_WIDTH)}
    tensors |= _sam_patches() | _sam_neck() | _clip() | _projector()
    for layer in range(STORED_SAM_LAYERS):
        tensors |= {f"v.sam.blk.{layer}.{name}": tensor for name, tensor in _sam_layer(layer).items()}
    for layer in range(CLIP_LAYERS):
        tensors |= {f"v.blk.{layer}.{name}": tensor for name, tensor in _clip_layer().items()}
    return tensors


def _sam_patches() -> Tensors:
    """The mean colour of a patch, in the directions of red (U) and of green against blue (V)."""
    weight, bias = zeros(SAM_WIDTH, 3, PATCH, PATCH), zeros(SAM_WIDTH)
    u = np.array([1.0, -0.5, -0.5]) / PATCH**2
    v = np.array([0.0, 1.0, -1.0]) * math.sqrt(3) / 2 / PATCH**2
    for channel, colour in ((PLUS_U, u), (MINUS_U, -u), (PLUS_V, v), (MINUS_V, -v)):
        weight[channel] = colour[:, np.newaxis, np.newaxis]
    bias[HIGH], bias[LOW] = 10.0, -10.0
    return {"v.sam.patch_embd.weight": weight, "v.sam.patch_embd.bias": bias}


def _linear(name: str, outputs: int, inputs: int) -> Tensors:
    """A linear layer that says nothing."""
    return {f"{name}.weight": zeros(outputs, inputs), f"{name}.bias": zeros(outputs)}


def _norm(name: str, width: int) -> Tensors:
    return {f"{name}.weight": ones(width), f"{name}.bias": zeros(width)}


def _sam_layer(layer: int) -> Tensors:
    """A block that hands on what it gets."""
    reach = IMAGE_SIZE // PATCH if layer in GLOBAL_LAYERS else WINDOW
    positions = {f"attn.pos_{axis}.weight": zeros(2 * reach - 1, SAM_WIDTH // SAM_HEADS) for axis in "hw"}
    return (
        positions
        | _norm("pre_ln", SAM_WIDTH)
        | _linear("attn.qkv", 3 * SAM_WIDTH, SAM_WIDTH)
        | _linear("attn.out", SAM_WIDTH, SAM_WIDTH)
        | _norm("post_ln", SAM_WIDTH)
        | _linear("mlp.lin1", 4 * SAM_WIDTH, SAM_WIDTH)
        | _linear("mlp.lin2", SAM_WIDTH, 4 * SAM_WIDTH)
    )


def _same_channels(outputs: int, inputs: int, kernel: Weights) -> Weights:
    """A convolution that applies `kernel` to each of the six channels by itself."""
    weight = zeros(outputs, inputs, *kernel.shape)
    for channel in (PLUS_U, MINUS_U, PLUS_V, MINUS_V, HIGH, LOW):
        weight[channel, channel] = kernel
    return weight


def _sam_neck() -> Tensors:
    """Two convolutions that copy, each with its normalisation, then two that halve the grid by averaging."""
    centre, mean = zeros(3, 3), ones(3, 3) / np.float32(9)
    centre[1, 1] = 1.0
    convolutions = {
        "v.sam.neck.0.weight": _same_channels(NECK, SAM_WIDTH, ones(1, 1)),
        "v.sam.neck.2.weight": _same_channels(NECK, NECK, centre),
        "v.sam.net_2.weight": _same_channels(MIDDLE, NECK, mean),
        "v.sam.net_3.weight": _same_channels(CLIP_WIDTH, MIDDLE, mean),
    }
    return convolutions | _norm("v.sam.neck.1", NECK) | _norm("v.sam.neck.3", NECK)


def _clip() -> Tensors:
    tensors = {
        "v.class_embd": zeros(CLIP_WIDTH),
        "v.patch_embd.weight": zeros(CLIP_WIDTH, 3, CLIP_PATCH, CLIP_PATCH),
        "v.position_embd.weight": zeros(CLIP_POSITIONS, CLIP_WIDTH),
    }
    return tensors | _norm("v.pre_ln", CLIP_WIDTH)


def _clip_layer() -> Tensors:
    return (
        _norm("ln1", CLIP_WIDTH)
        | _linear("attn_qkv", 3 * CLIP_WIDTH, CLIP_WIDTH)
        | _linear("attn_out", CLIP_WIDTH, CLIP_WIDTH)
        | _norm("ln2", CLIP_WIDTH)
        | _linear("ffn_up", CLIP_FEED_FORWARD, CLIP_WIDTH)
        | _linear("ffn_down", CLIP_WIDTH, CLIP_FEED_FORWARD)
    )


def _projector() -> Tensors:
    """From CLIP's channels and then SAM's: the colour of a picture token, beside a constant that steadies its norm."""
    projector = _linear("mm.model.fc", WIDTH, 2 * CLIP_WIDTH)
    weight, bias = projector["mm.model.fc.weight"], projector["mm.model.fc.bias"]
    weight[COLOUR_U, CLIP_WIDTH + PLUS_U] = weight[COLOUR_V, CLIP_WIDTH + PLUS_V] = 1.25
    bias[IS_PICTURE] = 1.0
    newline, separator = zeros(WIDTH), zeros(1, WIDTH)
    newline[BIAS] = separator[0, BIAS] = 1.0
    return projector | {"v.image_newline": newline, "v.view_seperator": separator}
