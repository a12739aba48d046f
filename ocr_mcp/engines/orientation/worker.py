"""The child process that looks at pages, one at a time."""

import json
from collections.abc import Mapping

from ocr_mcp.workers.child import Handler, Header, serve


def load_handlers() -> Mapping[str, Handler]:
    """Return the operation, with the files of its models open, because a sandboxed process opens none later."""
    from ocr_mcp.engines.orientation import check, models

    models.open_models()

    def look(arguments: Header, picture: bytes) -> tuple[Header, bytes]:
        """Payload: an encoded picture of a page. Answer: a `PageLook` as JSON."""
        return {}, json.dumps(check.look(picture, is_level=arguments.get("is_level") is True)).encode()

    return {"look": look}


if __name__ == "__main__":
    serve(load_handlers, sandboxed=True)
