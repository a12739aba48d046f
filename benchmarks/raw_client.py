"""How fast the test Ollama itself is: ready-made requests on bare sockets. Usage: URL PAGES AT_ONCE BYTES."""

import asyncio
import base64
import io
import json
import random
import sys

from PIL import Image


def _request(number: int, size: int, host: str) -> bytes:
    """A request like the program's, with a picture of so many bytes: a small one and what nobody decodes."""
    out = io.BytesIO()
    Image.new("RGB", (1280, 1920), (number % 256, number // 256, 0)).save(out, "JPEG")
    picture = out.getvalue() + random.Random(number).randbytes(max(0, size - len(out.getvalue())))
    images = [base64.b64encode(picture).decode("ascii")]
    body = json.dumps({"model": "deepseek-ocr", "prompt": "\nFree OCR.", "stream": True, "images": images}).encode()
    head = f"POST /api/generate HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def _ask_all(host: str, pages: int, at_once: int, size: int) -> None:
    requests = [_request(number, size, host) for number in range(min(pages, 40))]
    free = asyncio.Semaphore(at_once)
    name, _, port = host.partition(":")

    async def ask(request: bytes) -> None:
        async with free:
            reader, writer = await asyncio.open_connection(name, int(port), limit=2**20)
            writer.write(request)
            answer = await reader.read()
            writer.close()
            if b'"done":true' not in answer:
                raise RuntimeError("the answer was cut")

    await asyncio.gather(*(ask(requests[number % len(requests)]) for number in range(pages)))


def main() -> None:
    """Ask for so many pages."""
    url, pages, at_once, size = sys.argv[1:]
    asyncio.run(_ask_all(url.removeprefix("http://"), int(pages), int(at_once), int(size)))


if __name__ == "__main__":
    main()
