"""How large a picture the text detector is shown."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from ocr_mcp.engines.embedded.letters import ENOUGH_PX, LONG_EDGE_PX, detection_edge_px

A4_PX = (1240, 1754)


def page(*sizes: int, paper: int = 255, ink: int = 20, edges: tuple[int, int] = A4_PX, lines: int = 30) -> np.ndarray:
    """Grey levels of a page with as many lines in each size of type."""
    picture = Image.new("L", edges, paper)
    draw, top = ImageDraw.Draw(picture), 40.0
    for size in sizes:
        for _ in range(lines):
            draw.text((60, top), "saxon moon runes on a wavy rose vase, see some snow", fill=ink, font_size=size)
            top += 1.3 * size
    return np.asarray(picture)


@pytest.mark.parametrize("size", [20, 26, 32])
def test_small_letters_come_to_the_detector_as_high_as_it_needs(size: int) -> None:
    edge = detection_edge_px(page(size))
    assert edge is not None
    font = ImageDraw.Draw(Image.new("L", (9, 9))).textbbox((0, 0), "x", font_size=size)
    x_height = font[3] - font[1]
    assert 0.8 * ENOUGH_PX <= x_height * edge / max(A4_PX) <= 1.3 * ENOUGH_PX or edge == max(A4_PX) / 2


def test_small_print_beside_large_type_counts() -> None:
    assert detection_edge_px(page(32)) == max(A4_PX) // 2
    assert detection_edge_px(page(32, 12)) is None


@pytest.mark.parametrize(
    "picture",
    [
        page(12),
        page(60, lines=1),
        page(26, paper=20, ink=235),
        page(26, edges=(500, 700)),
        page(26, paper=255, ink=230),
    ],
    ids=["small print", "few letters", "light on dark", "a small picture", "faint"],
)
def test_what_says_nothing_is_seen_as_it_is(picture: np.ndarray) -> None:
    assert detection_edge_px(picture) is None


def test_a_picture_that_is_larger_than_rapidocr_takes_counts_as_it_sees_it() -> None:
    large = page(64, edges=(2480, 3508))
    edge = detection_edge_px(large)
    assert edge is not None
    assert LONG_EDGE_PX[0] <= edge <= LONG_EDGE_PX[1] * 0.6
