"""The picture of a page, for a client that wants to look at a figure."""

import base64
import io
from pathlib import Path

import pytest
from mcp import Client
from mcp.types import ImageContent, TextContent
from PIL import Image

from ocr_mcp.server.tools import create_server
from ocr_mcp.settings import Settings
from tests.sources.drawn import pdf, save

pytestmark = pytest.mark.anyio


async def shown(source: str, **arguments: object) -> Image.Image:
    """The picture that the tool returns, decoded."""
    async with Client(create_server(Settings())) as client:
        result = await client.call_tool("page_picture", {"source": source, **arguments})
    (content,) = result.content
    assert isinstance(content, ImageContent)
    assert content.mime_type == "image/jpeg"
    assert result.structured_content is None
    return Image.open(io.BytesIO(base64.b64decode(content.data)))


async def test_a_page_is_shown_as_large_as_asked(tmp_path: Path) -> None:
    picture = await shown(pdf(tmp_path / "a.pdf"), max_edge=800)
    assert picture.size == (800, 400)


async def test_a_region_is_shown_alone(tmp_path: Path) -> None:
    """The red square at the bottom right of the drawn page."""
    picture = await shown(pdf(tmp_path / "a.pdf"), region=[352, 152, 398, 198], max_edge=100)
    red, green, blue = picture.resize((1, 1)).getpixel((0, 0))  # pyright: ignore
    assert (red > 200, green < 60, blue < 60) == (True, True, True)


async def test_a_picture_that_is_too_large_to_send_is_made_smaller(tmp_path: Path) -> None:
    """No answer exceeds 1 MB."""
    noise = save(Image.effect_noise((2000, 1400), 90), tmp_path / "noise.png")
    picture = await shown(noise, max_edge=2000)
    assert 800 < picture.width < 2000


async def test_a_page_that_is_not_there_is_said(tmp_path: Path) -> None:
    async with Client(create_server(Settings())) as client:
        result = await client.call_tool("page_picture", {"source": pdf(tmp_path / "a.pdf"), "page": 7})
    (content,) = result.content
    assert isinstance(content, TextContent)
    assert result.is_error
    assert content.text.endswith("PAGE_RANGE: The document has 1 page; there is no page 7. Ask for page 1.")
