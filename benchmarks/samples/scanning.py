"""Pictures of pages as scanners and copiers give them. The noise is seeded, so a page looks the same every time."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter

Scan = Callable[[Image.Image], Image.Image]
"""Makes a new picture of a page's grey picture."""

_SEED = 29
_WHITE_LEVEL = 255


def clean(page: Image.Image) -> Image.Image:
    """Return the page as it was drawn."""
    return page


def noisy(page: Image.Image) -> Image.Image:
    """Return a soft scan on grey paper with strong grain and 0.4 % of specks."""
    grain = np.random.default_rng(_SEED)
    soft = np.asarray(page.filter(ImageFilter.GaussianBlur(0.7)), dtype=np.float32)
    grey = 60.0 + soft * (150.0 / 255.0) + grain.normal(0.0, 14.0, soft.shape)
    specks = grain.random(soft.shape)
    grey[specks < 0.002] = 20.0
    grey[specks > 0.998] = 250.0
    return Image.fromarray(grey.clip(0, 255).astype(np.uint8))


def tilted_copy(page: Image.Image) -> Image.Image:
    """Return a copy of a copy: tilted by 1.8 degrees, harsh, with a dark edge along the left side."""
    tilted = page.rotate(1.8, resample=Image.Resampling.BICUBIC, fillcolor=_WHITE_LEVEL)
    soft = np.asarray(tilted.filter(ImageFilter.GaussianBlur(0.9)), dtype=np.float32)
    harsh = 128.0 + (soft - 140.0) * 2.2 + np.random.default_rng(_SEED).normal(0.0, 9.0, soft.shape)
    harsh[:, :14] = 35.0
    return Image.fromarray(harsh.clip(0, 255).astype(np.uint8))


def turned_left(page: Image.Image) -> Image.Image:
    """Return the page on its side, its top at the left."""
    return page.transpose(Image.Transpose.ROTATE_90)


def upside_down(page: Image.Image) -> Image.Image:
    """Return the page on its head."""
    return page.transpose(Image.Transpose.ROTATE_180)
