"""Send odd messages by the thousand over stdio: the server must stay, write JSON alone, and answer every ping."""

import tempfile
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tests.doubles.ollama_server import OllamaDouble
from torture.corpus.odd_messages import OddMessages, write_documents
from torture.harness.raw_client import RawClient, environment, raw_client, request, tool_call
from torture.harness.verdict import Part, Verdict, conclude_in_parts

FULL = 100_000
QUICK = 1_500
"""Messages."""

_SEED = 4
_BETWEEN_PINGS = 100
"""Messages after which a ping must be answered."""

_FIRST_ID = 10**9
"""Requests from this number on are the script's own."""

_PING_SECONDS = 120.0
_MAX_BUSY_TRIES = 60
_ANSWER = "A noncharacter \uffff, a \x00 and a \u202e."


@dataclass
class _Sent:
    """Counts of messages and answered pings, and the server's problem after them, "" for none."""

    messages: int = 0
    pings: int = 0
    problem: str = ""


def run(part: Part) -> Verdict:
    """Send a part of the messages, with a ping after each hundred; every start has other messages."""
    with tempfile.TemporaryDirectory(prefix="ocr-mcp-messages-") as name, OllamaDouble(answer=_ANSWER) as model:
        folder = Path(name)
        messages = OddMessages(_SEED + part.start, write_documents(folder), first_id=_FIRST_ID)
        env = environment(model.url, folder, first_output_seconds=5, engine_wait_seconds=0)
        with raw_client(env, folder / "log") as client:
            sent = _send_all(client, messages, part)
            alive = client.is_alive
            works = alive and not sent.problem and _still_reads(client, folder / "scan.pdf")
        tracebacks = (folder / "log").read_text("utf-8", "replace").count("Traceback")
    figures = (
        f"{sent.messages} odd messages from {part.start} on, {sent.pings} pings answered, {0 if alive else 1} exits,"
        f" {len(client.foreign)} lines on stdout that are no JSON, {tracebacks} tracebacks"
    )
    passed = works and not client.foreign and not tracebacks
    return Verdict(f"{figures}{sent.problem and f'; {sent.problem}'}", passed)


def _send_all(client: RawClient, messages: OddMessages, part: Part) -> _Sent:
    sent = _Sent()
    numbers = part.numbers()
    while wave := b"".join(messages.next() for _ in islice(numbers, _BETWEEN_PINGS)):
        try:
            ping = _FIRST_ID + sent.pings
            client.ask(wave + request(ping, "ping"), ping, seconds=_PING_SECONDS)
        except (OSError, TimeoutError) as error:
            sent.problem = f"after {sent.messages} messages: {error}"
            return sent
        sent.messages += min(_BETWEEN_PINGS, wave.count(b"\n"))
        sent.pings += 1
    return sent


def _still_reads(client: RawClient, document: Path) -> bool:
    """Return True if a page is read. The server may be busy with earlier calls, so it is asked for up to a minute."""
    for number in range(_FIRST_ID - _MAX_BUSY_TRIES, _FIRST_ID):
        answer = client.ask(tool_call(number, "ocr_page", {"source": str(document), "task": "text"}), number)
        if "BUSY: " not in str(answer):
            return "noncharacter" in str(answer.get("result"))
        time.sleep(1)
    return False


if __name__ == "__main__":
    conclude_in_parts(run, full=FULL)
