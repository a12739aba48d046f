# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# Pillow's pixel types are partly unknown, because the type of a pixel depends on the mode.
"""Picture files as documents, decoded with Pillow. Only the workers' processes import this module."""

import io
import math
import struct
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from PIL import ExifTags, Image

from ocr_mcp.errors import CorruptSourceError, SourceTooLargeError
from ocr_mcp.sources.render_worker.pages import FRAMES_IGNORED
from ocr_mcp.sources.sniffing import SourceKind

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pydantic import JsonValue

    from ocr_mcp.sources.render_worker.snippets import Cut
    from ocr_mcp.sources.render_worker.whole_scan import WholeScan

MAX_PIXELS = 64_000_000
"""Largest picture that is decoded, width times height."""
SCANNER_DPI_RANGE = (150, 1200)
"""Lowest and highest resolution, in dots per inch, that is believed to come from a scanner."""
# Pillow only warns up to twice its own limit; `_check_pixels` raises an error at MAX_PIXELS instead.
Image.MAX_IMAGE_PIXELS = None

DECODE_ERRORS = (OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, TypeError, struct.error, zlib.error)
_EXIF_TRANSPOSITIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = (5, 6, 7, 8)
"""EXIF orientations that swap width and height."""
_CLOCKWISE_TRANSPOSITIONS = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
"""Pillow's transpositions by degrees clockwise; Pillow itself counts degrees counter-clockwise."""


def load_plugins() -> None:
    """Import the modules that Pillow would otherwise import on first use, when the sandbox lets no file be opened."""
    from PIL import ImageColor, ImagePalette, MpoImagePlugin, TiffImagePlugin, WebPImagePlugin

    del ImageColor, ImagePalette, MpoImagePlugin, TiffImagePlugin, WebPImagePlugin
    Image.preinit()


class PicturePages:
    """An opened picture file. Every frame of a TIFF is a page; of other formats only the first frame is."""

    unit = "px"

    def __init__(self, data: bytes, kind: SourceKind, name: str) -> None:
        self.media_type = kind.value
        self.issues: tuple[tuple[str, str], ...] = ()
        self._damaged: dict[int, CorruptSourceError] = {}
        with _convert_errors(f"'{name}'"):
            self._image = Image.open(io.BytesIO(data), formats=(kind.name,))
            frames = getattr(self._image, "n_frames", 1)
        self.page_count = frames if kind is SourceKind.TIFF else 1
        if frames > self.page_count:
            self.issues = ((FRAMES_IGNORED, f"The file holds {frames} frames; only the first one was read."),)
        self._orient_here = kind is not SourceKind.TIFF  # Pillow applies the orientation of a TIFF itself.
        _check_pixels(self._image.size)

    def page_size(self, index: int) -> tuple[float, float]:
        """Return width and height in pixels, after EXIF rotation."""
        with self._convert_frame_errors(index):
            self._image.seek(index)
            width, height = self._image.size
            sideways = self._orientation() in _SIDEWAYS
        _check_pixels((width, height))
        return (height, width) if sideways else (width, height)

    def units_per_inch(self, index: int) -> float | None:
        """Return the dots per inch that the file states if a scanner may have written them, else None.

        Cameras and screenshots state 72 or 96 whatever they show.
        """
        with self._convert_frame_errors(index):
            self._image.seek(index)
            noted = cast("Sequence[float]", self._image.info.get("dpi", (0.0,)))
        try:
            across = float(noted[0])
        except (TypeError, ValueError, IndexError, ZeroDivisionError):
            return None
        return across if SCANNER_DPI_RANGE[0] <= across <= SCANNER_DPI_RANGE[1] else None

    def render(
        self,
        index: int,
        size_px: tuple[int, int],
        region: tuple[float, float, float, float],
        jpeg_quality: int,
        turn: int = 0,
    ) -> bytes:
        """Crop a region and encode it as JPEG, resampled if `size_px` differs from its size; see `Pages.render`."""
        self.page_size(index)
        with self._convert_frame_errors(index):
            exif_turn = _EXIF_TRANSPOSITIONS.get(self._orientation())
            frame = self._image.copy()
        upright = frame if exif_turn is None else frame.transpose(exif_turn)
        picture = convert_to_rgb(upright).crop(_round_outwards(region, upright.size))
        if picture.size != size_px:
            picture = picture.resize(size_px, Image.Resampling.LANCZOS)
        return encode_jpeg(picture, jpeg_quality, turn)

    def whole_scan(self, index: int) -> "WholeScan | None":  # noqa: ARG002  the protocol's signature
        """Return None, because only decoding shows that a picture file is not cut short."""
        return None

    def text_layer(self, index: int) -> "dict[str, JsonValue] | None":  # noqa: ARG002  the protocol's signature
        """Return None, because a picture has no text layer."""
        return None

    def unseen_text(self, index: int) -> "dict[str, JsonValue]":  # noqa: ARG002  the protocol's signature
        """Return no counts, because a picture has no text layer."""
        return {}

    def snippets(self, index: int, count: int, fonts: "Collection[str] | None") -> "Sequence[Cut]":  # noqa: ARG002
        """Return no stretches, because a picture has no text layer."""
        return ()

    def close(self) -> None:
        """Release the decoded frame."""
        self._image.close()

    @contextmanager
    def _convert_frame_errors(self, index: int) -> Generator[None, None, None]:
        """Decode inside this context, and raise `CorruptSourceError` for a frame that cannot be decoded.

        The error is remembered, because on a second attempt Pillow would return the part that it had decoded.
        """
        if index in self._damaged:
            raise self._damaged[index].with_traceback(None)
        try:
            with _convert_errors(f"Page {index + 1}"):
                yield
        except CorruptSourceError as error:
            self._damaged[index] = error
            raise

    def _orientation(self) -> int:
        return self._image.getexif().get(ExifTags.Base.Orientation, 1) if self._orient_here else 1


def convert_to_rgb(image: Image.Image) -> Image.Image:
    """Convert a picture of any mode to RGB.

    Greys of more than 8 bits are rescaled instead of clipped, and transparency becomes white instead of black.
    """
    if image.mode.startswith("I;16"):
        return _rescale(image.convert("I"), 0, 65535)
    if image.mode in ("I", "F"):
        return _rescale(image, *_find_value_range(image))
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        layer = image.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(paper, layer).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def encode_jpeg(image: Image.Image, quality: int, turn: int = 0) -> bytes:
    """Encode the picture as JPEG without metadata, turned by `turn` degrees clockwise (0, 90, 180 or 270)."""
    buffer = io.BytesIO()
    turned = image.transpose(_CLOCKWISE_TRANSPOSITIONS[turn]) if turn else image
    turned.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _find_value_range(image: Image.Image) -> tuple[float, float]:
    """Return the values that stand for black and white in a picture of integers or floats.

    White is the first of 1, 255 and 65535 that no value exceeds, else the highest value. Black is 0, but where values
    are negative both are the extremes of the picture.
    """
    low, high = cast("tuple[float, float]", image.getextrema())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise CorruptSourceError("The picture holds values that are not numbers.", hint="Export it as 8-bit PNG.")
    if low < 0:
        return low, high
    return 0, next((white for white in (1, 255, 65535) if high <= white), high)


def _rescale(image: Image.Image, black: float, white: float) -> Image.Image:
    scale = 255.0 / ((white - black) or 1.0)
    return image.convert("F").point(lambda value: value * scale - black * scale).convert("L").convert("RGB")


def _round_outwards(region: tuple[float, float, float, float], size: tuple[int, int]) -> tuple[int, int, int, int]:
    left, top = min(math.floor(region[0]), size[0] - 1), min(math.floor(region[1]), size[1] - 1)
    right, bottom = min(math.ceil(region[2]), size[0]), min(math.ceil(region[3]), size[1])
    return left, top, max(right, left + 1), max(bottom, top + 1)


def _check_pixels(size: tuple[int, int]) -> None:
    if size[0] * size[1] > MAX_PIXELS:
        raise SourceTooLargeError(
            f"The picture has {size[0]} x {size[1]} pixels; the limit is {MAX_PIXELS // 1_000_000} million.",
            hint="Save it smaller, or cut it into parts.",
        )


@contextmanager
def _convert_errors(subject: str) -> Generator[None, None, None]:
    """Raise `CorruptSourceError` for any of the many errors that Pillow raises on a damaged file."""
    try:
        yield
    except DECODE_ERRORS as error:
        raise CorruptSourceError(
            f"{subject} is damaged or cut short and cannot be decoded.",
            hint="Get the file again, or open it in a picture viewer and save it anew.",
        ) from error
