"""Pages as a job keeps them, compressed, so that files can be written from them without reading anything twice."""

import json
import zlib

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from ocr_mcp.pipeline import PageResult

_ZLIB_LEVEL = 1
"""The fastest level: a page is packed while others wait to be read."""

_RESULT: TypeAdapter[PageResult] = TypeAdapter(PageResult)


def pack_page(result: PageResult) -> bytes:
    """Return a page as compressed JSON."""
    try:
        data = result.model_dump_json().encode()
    except PydanticSerializationError:  # an engine wrote half a surrogate pair; every output has a ? for it
        data = json.dumps(result.model_dump(mode="json"), ensure_ascii=False).encode("utf-8", "replace")
    return zlib.compress(data, _ZLIB_LEVEL)


def unpack_page(packed: bytes) -> PageResult:
    """Return the page that `pack_page` was given."""
    return _RESULT.validate_json(zlib.decompress(packed))
