"""Messages that no careful client sends, made from a seed: the same number makes the same messages."""

import json
import random
from collections.abc import Callable
from pathlib import Path

from torture.harness.raw_client import handshake, notification, request, tool_call

TOOLS = ("ocr_page", "ocr_pdf", "parse_chart")
_METHODS = (
    *("ping", "tools/list", "resources/list", "resources/templates/list", "prompts/list", "initialize", "tools/call"),
    *("resources/read", "resources/subscribe", "completion/complete", "logging/setLevel", "prompts/get", "roots/list"),
    *("sampling/createMessage", "server/discover", "subscriptions/listen", "rpc.discover", "", "__class__", "tools/\0"),
)
_NOTIFICATIONS = ("notifications/initialized", "notifications/progress", "notifications/roots/list_changed", "x", "")
_FIELDS = (
    *("source", "page", "task", "query", "region", "engine", "include_boxes", "text_layer", "pages", "start_page"),
    *("offset", "max_chars", "budget_seconds", "save_to", "ctx", "self", "__proto__", ""),
)
_VALUES: tuple[object, ...] = (  # pyright: ignore[reportUnknownVariableType]  empty lists
    *(None, True, False, 0, -1, 1, 2, 10**9, 2**63, 10**400, -(10**30), 0.5, 1e308, 5e-324, -0.0),
    *(float("nan"), float("inf"), float("-inf")),
    *(
        "",
        " ",
        "\0",
        "a\0b",
        "1",
        "all",
        "1-",
        "-",
        "1-99999999999999",
        "9" * 5000,
        "1," * 400,
        "auto",
        "never",
        "text",
    ),
    *("locate", "describe", "lines", "ollama", "openai", "embedded", "\ud800", "\udcff.pdf", "\U0010ffff", "\u202eexe"),
    *(
        "../../etc/passwd",
        "/etc/passwd",
        "/dev/zero",
        "/proc/self/mem",
        "file://",
        "file:///%00",
        "data:,",
        "data:;base64,!",
    ),
    *(
        "http://127.0.0.1:9/x.pdf",
        "C:\\CON",
        "\\\\host\\share\\x.pdf",
        "~root/x.pdf",
        "$(id)",
        "'; DROP TABLE entries;--",
    ),
    *([], {}, [[]], [0, 0, 0, 0], [1, 2, 3], ["a"] * 4, {"a": {"b": [None]}}),
    *([0, 0, float("inf"), float("inf")], [float("nan")] * 4, [-1e308, -1e308, 1e308, 1e308], [0, 0, 1e-300, 1e-300]),
    "x" * 100_000,
    "é" * 20_000,
)
_IDS: tuple[object, ...] = (1, "1", 0, -1, "", "x" * 1000, None, 1.5, [], {}, True, 2**70, "\ud800", float("nan"))
_GARBAGE = (
    *(b"", b" ", b"\r", b"\0", b"null", b"[]", b"{}", b"0", b'"text"', b"{", b"}", b"[" * 5000, b'{"a":' * 3000),
    *(b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}", b"\xed\xa0\x80", b"\x1b[2J", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
    *(b"Content-Length: 2\r\n\r\n{}", b'{"jsonrpc":"2.0"}', b'{"jsonrpc":"1.0","id":1,"method":"ping"}'),
    *(b'{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}', b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]'),
    *(b'{"jsonrpc":"2.0","id":9,"result":{}}', b'{"jsonrpc":"2.0","id":9,"error":{"code":1,"message":"x"}}'),
    *(b'{"jsonrpc":"2.0","id":9,"error":{"code":1e999,"message":null}}', b'{"jsonrpc":"2.0","method":null}'),
)


class OddMessages:
    """An endless supply of messages about `sources`, references to documents that the server may read.

    Numbers from `first_id` on are the caller's: only a cancellation may name them.
    """

    def __init__(self, seed: int, sources: list[str], *, first_id: int) -> None:
        self._random = random.Random(seed)
        self._sources = sources
        self._first_id = first_id
        self._number = 0

    def next(self) -> bytes:
        """Return one message with its newline; some hold others."""
        self._number += 1
        kinds: tuple[tuple[Callable[[], bytes], int], ...] = (
            *((self._odd_call, 30), (self._mutated_call, 10), (self._whole_call, 3), (self._method, 15)),
            *((self._notification, 10), (self._cancellation, 8), (self._garbage, 10), (self._binary, 5)),
            *((self._cut, 5), (self._nested, 2), (self._resource, 6), (handshake, 1), (self._odd_id, 6)),
        )
        (kind,) = self._random.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])
        return kind()

    def _any(self) -> object:
        return self._random.choice(_VALUES)

    def _arguments(self) -> dict[str, object]:
        fields = self._random.sample(_FIELDS, self._random.randrange(5))
        return {"source": self._random.choice(self._sources), **{field: self._any() for field in fields}}

    def _odd_call(self) -> bytes:
        return tool_call(self._number, self._random.choice(TOOLS), self._arguments())

    def _mutated_call(self) -> bytes:
        tool = self._random.choice((*TOOLS, "", "ocr_pages", None, 1, "\ud800"))
        return tool_call(self._number, tool, self._random.choice((self._arguments(), self._any())))

    def _whole_call(self) -> bytes:
        params = {"name": self._random.choice(TOOLS), "arguments": {"source": self._random.choice(self._sources)}}
        return request(self._number, "tools/call", params | {"_meta": {"progressToken": self._random.choice(_IDS)}})

    def _method(self) -> bytes:
        return request(self._number, self._random.choice(_METHODS), self._any())

    def _notification(self) -> bytes:
        return notification(self._random.choice(_NOTIFICATIONS), self._any())

    def _cancellation(self) -> bytes:
        number = self._random.choice((*_IDS, self._number - self._random.randrange(9), self._first_id + 10**6))
        return notification("notifications/cancelled", {"requestId": number, "reason": self._any()})

    def _garbage(self) -> bytes:
        return self._random.choice(_GARBAGE) + b"\n"

    def _binary(self) -> bytes:
        return self._random.randbytes(self._random.randrange(2000)) + b"\n"

    def _cut(self) -> bytes:
        whole = self._odd_call()
        return whole[: self._random.randrange(min(len(whole), 300))] + b"\n"

    def _nested(self) -> bytes:
        depth = self._random.choice((50, 200, 250, 1000, 20_000))
        params = b'{"a":' * depth + b"1" + b"}" * depth
        return b'{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":%b}\n' % (self._number, params)

    def _resource(self) -> bytes:
        document = self._random.choice(("0" * 16, "../..", "%2e%2e", "\ud800", "x" * 9999, "é", ""))
        page = self._random.choice(
            ("", "/pages/1", "/pages/-1", "/pages/99999999999999999999", "/pages/x", "/pages/1.5")
        )
        return request(self._number, "resources/read", {"uri": f"ocr://documents/{document}{page}"})

    def _odd_id(self) -> bytes:
        return request(self._random.choice(_IDS), self._random.choice(("ping", "tools/list", "x")))


def write_documents(folder: Path) -> list[str]:
    """Write documents, some with names that are no UTF-8, and return references to them and to missing ones."""
    from tests.documents import scanned_pdf, text_pdf

    plain, scan = text_pdf(folder / "plain.pdf", pages=3), scanned_pdf(folder / "scan.pdf", pages=2)
    odd = Path(json.loads(r'"\udcff"'))  # the byte 0xff
    (folder / odd).mkdir()
    (folder / odd / "caf\udce9.pdf").write_bytes(plain.read_bytes())
    (folder / "caf\udce9.pdf").write_bytes(scan.read_bytes())
    (folder / "broken.pdf").write_bytes(plain.read_bytes()[:700])
    known = [str(plain), str(scan), str(folder / "broken.pdf"), f"file://{folder}/caf%E9.pdf"]
    return [
        *known,
        f"file://{folder}/%FF/caf%E9.pdf",
        f"file://{folder}/%FF",
        str(folder),
        f"{folder}/caf",
        f"{folder}/plain",
    ]
