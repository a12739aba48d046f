"""What the model is to recite, and the pictures that make it do so."""

import colorsys
import io
from dataclasses import dataclass

from PIL import Image, ImageDraw


@dataclass(frozen=True)
class ScriptedPage:
    """A hue in degrees, and what to answer to a picture with a band of that hue.

    `grounded` is the answer where the prompt holds `<|grounding|>`, `plain` where it does not. An answer that `loops`
    starts again from its beginning for ever. `piece_bytes` cuts both answers into tokens of about so many bytes, also
    inside a character; otherwise tokens are words. Hues of two pages should be 60 degrees apart or more.
    """

    hue: float
    plain: str = ""
    grounded: str = ""
    loops: bool = False
    piece_bytes: int | None = None


def page_picture(hue: float, *, size: tuple[int, int] = (640, 640), encoding: str = "JPEG") -> bytes:
    """A page of grey lines with a coloured band over its upper third, in a format that Pillow can write."""
    page = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(page)
    width, height = size
    red, green, blue = (round(255 * part) for part in colorsys.hsv_to_rgb(hue / 360, 1, 1))
    draw.rectangle((0, 0, width, height // 3), fill=(red, green, blue))
    for top in range(height // 3 + 40, height - 40, 30):
        draw.rectangle((40, top, width - 40, top + 8), fill=(90, 90, 90))
    data = io.BytesIO()
    page.save(data, encoding)
    return data.getvalue()
