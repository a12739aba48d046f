"""The bytes of the document that a reference names: a file, inline data or, where it is permitted, a download."""

import hashlib

from anyio import to_thread

from ocr_mcp.errors import AccessDeniedError
from ocr_mcp.files.access import AccessPolicy, check_size, display_name, read_file
from ocr_mcp.files.references import InlineData, LocalFile, Reference, RemoteUrl, parse_reference
from ocr_mcp.sources.renderers import Content
from ocr_mcp.workers.frames import MAX_PAYLOAD_BYTES
from ocr_mcp.workers.handover import Payload


async def load_content(reference: str, policy: AccessPolicy) -> Content:
    """Load a document in a thread, because a slow disk, a large file and its digest block."""
    place = await to_thread.run_sync(parse_reference, reference)
    if isinstance(place, RemoteUrl):
        return await _load_url(place.url, policy)
    return await to_thread.run_sync(_load_local, place, policy, abandon_on_cancel=True)


def _load_local(place: Reference, policy: AccessPolicy) -> Content:
    if isinstance(place, LocalFile):
        return _make_content(display_name(place.path), read_file(place.path, policy))
    assert isinstance(place, InlineData)  # noqa: S101  addresses are loaded by _load_url
    return _make_content("inline data", place.data)


async def _load_url(url: str, policy: AccessPolicy) -> Content:
    if not policy.allow_urls:
        raise AccessDeniedError(
            "Reading web addresses is switched off.",
            hint="Download the file and give its path, or allow URLs in the settings.",
        )
    from ocr_mcp.files.remote import download

    answer = await download(url, max_bytes=min(policy.max_bytes, MAX_PAYLOAD_BYTES))
    return await to_thread.run_sync(_make_content, answer.name, answer.data)


def _make_content(name: str, data: Payload) -> Content:
    check_size(len(data), name, MAX_PAYLOAD_BYTES)
    return Content(name, data, hashlib.sha256(data).hexdigest())
