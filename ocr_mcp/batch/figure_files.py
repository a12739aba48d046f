"""Writes the figures of a document as files of their own."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from ocr_mcp.batch.output import open_file
from ocr_mcp.emitters.markdown import FIGURES, figure_anchor
from ocr_mcp.errors import OcrError, OutputError
from ocr_mcp.model.blocks import Block
from ocr_mcp.model.documents import Page
from ocr_mcp.model.geometry import BoundingBox
from ocr_mcp.model.images import Raster
from ocr_mcp.sources.documents import OpenSource

FIGURE_MARGIN_SHARE = 0.03
"""Added on each side of a figure, as a part of its width and height."""

RASTER = Raster(dpi=200, max_edge_px=4000)


class FigureFiles:
    """Writes figures to a folder. `linked_from` is the file that shows them, None for stdout.

    `problem` says why figures are missing from the folder: the pages are read all the same, and show none from then on.
    """

    def __init__(self, folder: Path, *, linked_from: Path | None) -> None:
        self.problem: OutputError | None = None
        self._folder = folder
        self._base = Path() if linked_from is None else linked_from.parent

    async def write(self, page: Page, source: OpenSource) -> Mapping[int, str]:
        """Write the figures of a page. Returns their links by their number on the page, from 1.

        A figure without a place on the page, or one that cannot be drawn or written, has no link.
        """
        figures = [block for block in page.blocks if block.label in FIGURES]
        links: dict[int, str] = {}
        for number, block in enumerate(figures, 1):
            data = None if self.problem else await _crop(block, page, source)
            path = self._folder / f"{figure_anchor(page.number, number)}.jpg"
            if data is not None and await self._is_written(path, data):
                links[number] = self._link(path)
        return links

    async def _is_written(self, path: Path, data: bytes) -> bool:
        try:
            await _write(path, data)
        except OutputError as error:
            hint = "The pages are read all the same. Choose another place with --figures."
            self.problem = OutputError(error.message, hint=hint)
            return False
        return True

    def _link(self, path: Path) -> str:
        return quote(Path(os.path.relpath(path, self._base)).as_posix())


async def _write(path: Path, data: bytes) -> None:
    with open_file(path) as product:
        await product.write(data)
        product.finish()


async def _crop(block: Block, page: Page, source: OpenSource) -> bytes | None:
    if not block.boxes:
        return None
    try:
        image = await source.render(page.number, RASTER, region=_region(block), turn=page.turn)
    except OcrError:
        return None
    return image.data


def _region(block: Block) -> BoundingBox:
    whole = block.boxes[0]
    for box in block.boxes[1:]:
        whole = whole.union(box)
    return whole.expanded(FIGURE_MARGIN_SHARE)
