"""A request that cannot be read gets an error with its id at once, and the session goes on."""

import json

import pytest
from mcp.types import jsonrpc_message_adapter
from pydantic import ValidationError

from ocr_mcp.server.unreadable_requests import error_for
from tests.doubles.ollama_server import OllamaDouble
from tests.server.test_stdio import HANDSHAKE, request, started

SURROGATE = (
    rb'{"jsonrpc":"2.0","id":900,"method":"tools/call",'
    rb'"params":{"name":"ocr_page","arguments":{"source":"./x\udcff.pdf"}}}'
)


def test_half_a_surrogate_pair_is_answered_with_the_id_of_its_request() -> None:
    with OllamaDouble() as ollama, started(ollama) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(HANDSHAKE + SURROGATE + b"\n" + b"no JSON\n" + request(901, "ping"))
        server.stdin.flush()
        answers = [json.loads(server.stdout.readline()) for _ in range(4)]
        server.stdin.close()
    assert {answer["id"] for answer in answers} == {1, 900, None, 901}
    (refused,) = (answer for answer in answers if answer["id"] == 900)
    assert refused["error"]["code"] == -32700
    assert "surrogate pair" in refused["error"]["message"]


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ('{"jsonrpc":"2.0","id":7}', 7),
        ('{"jsonrpc":"2.0","id":"seven"}', "seven"),
        ('{"id":7,"method":4,"jsonrpc":"2.0"}', 7),
        ('{"id":true,"jsonrpc":"2.0"}', None),
        ('{"id":"\\ud800","method":"ping","jsonrpc":"2.0"}', None),
        ("[1, 2]", None),
        ("7", None),
        ("", None),
        ("[" * 100_000, None),
    ],
)
def test_the_id_is_found_where_there_is_one(line: str, number: int | str | None) -> None:
    with pytest.raises(ValidationError) as found:
        jsonrpc_message_adapter.validate_json(line, by_name=False)
    error = error_for(found.value)
    assert error.id == number
    error.model_dump_json()
