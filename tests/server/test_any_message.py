"""Whatever a client sends, the server stays, writes nothing but JSON, and answers the next ping."""

import json
import os
from collections.abc import Generator
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.documents import scan
from tests.doubles.ollama_server import OllamaDouble
from torture.corpus.odd_messages import TOOLS
from torture.harness.raw_client import RawClient, environment, raw_client, request, tool_call

METHODS = ("ping", "tools/list", "tools/call", "resources/read", "initialize", "notifications/cancelled", "")
ARGUMENTS = ("source", "page", "pages", "task", "region", "max_chars", "start_page", "offset", "budget_seconds")

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
messages = (
    st.fixed_dictionaries(
        {},
        optional={
            "jsonrpc": st.just("2.0") | json_values,
            "id": st.integers(1, 1000) | json_values,
            "method": st.sampled_from(METHODS) | st.text(max_size=10),
            "params": json_values,
        },
    )
    | json_values
).map(lambda message: json.dumps(message).encode())
calls = st.builds(
    tool_call,
    st.integers(1, 1000),
    st.sampled_from(TOOLS) | json_values,
    st.dictionaries(st.sampled_from(ARGUMENTS) | st.text(max_size=10), json_values, max_size=5),
)
lines = (messages | calls | st.binary(max_size=200)).map(lambda line: line.replace(b"\n", b" ") + b"\n")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Generator[RawClient]:
    folder = tmp_path_factory.mktemp("messages")
    with OllamaDouble() as model, raw_client(environment(model.url, folder), folder / "log") as client:
        yield client
        assert "Traceback" not in (folder / "log").read_text("utf-8", "replace")


numbers = count(10**6)


@settings(max_examples=300, deadline=None)
@given(sent=st.lists(lines, min_size=1, max_size=5))
def test_any_messages_leave_a_server_that_answers_and_a_clean_stdout(client: RawClient, sent: list[bytes]) -> None:
    number = next(numbers)
    assert client.ask(b"".join(sent) + request(number, "ping"), number)["result"] == {}
    assert not client.foreign


def test_a_file_whose_name_is_not_utf_8_is_read_through_its_file_url(client: RawClient) -> None:
    """JSON is UTF-8, so such a name can only be sent escaped."""
    folder = client.log.parent
    (folder / os.fsdecode(b"caf\xe9 \xff.png")).write_bytes(scan(1))
    number = next(numbers)
    arguments = {"source": f"file://{folder}/caf%E9%20%FF.png", "task": "text"}
    answer = client.ask(tool_call(number, "ocr_page", arguments), number)
    assert "this page is read" in str(answer["result"])
    assert not client.foreign
