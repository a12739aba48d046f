"""What arrives in pieces and what is sent, without a network: a transport is a list here."""

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_mcp.runtime.byte_streams import MAX_WAITING_BYTES, Arriving, Leaving

pytestmark = pytest.mark.anyio


class Tap:
    """The end of a transport: what was done with it."""

    def __init__(self) -> None:
        self.done: list[str | bytes] = []

    def pause_reading(self) -> None:
        self.done.append("pause")

    def resume_reading(self) -> None:
        self.done.append("resume")

    def write(self, data: bytes) -> None:
        self.done.append(data)


@given(st.binary(max_size=60), st.lists(st.integers(1, 9), max_size=30), st.lists(st.integers(0, 9), max_size=30))
def test_the_same_bytes_come_out_however_they_came_and_are_taken(
    data: bytes, pieces: list[int], takes: list[int]
) -> None:
    arriving, at = Arriving(), 0
    for size in [*pieces, len(data)]:
        if data[at : at + size]:
            arriving.add(data[at : at + size])
        at += size
    arriving.end()

    async def taken() -> bytes:
        found, left = b"", len(data)
        for count in takes:
            found += await arriving.exactly(min(count, left))
            left -= min(count, left)
        found += await arriving.exactly(left)
        with pytest.raises(EOFError):
            await arriving.exactly(1)
        return found

    assert anyio.run(taken) == data


async def test_who_waits_is_woken_by_the_piece_that_was_missing() -> None:
    arriving, found = Arriving(), list[bytes]()

    async def take() -> None:
        found.append(await arriving.exactly(5))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(take)
        for piece in (b"ab", b"cd", b"ef"):
            await anyio.wait_all_tasks_blocked()
            assert found == []
            arriving.add(piece)
    assert (found, await arriving.exactly(1)) == ([b"abcde"], b"f")


async def test_an_end_too_early_is_said_and_an_error_is_raised_after_what_came() -> None:
    ended, broken = Arriving(), Arriving()
    ended.add(b"abc")
    ended.end()
    with pytest.raises(EOFError, match="3 of 4 bytes"):
        await ended.exactly(4)
    assert await ended.exactly(3) == b"abc"
    broken.add(b"abc")
    broken.end(ConnectionResetError("gone"))
    assert await broken.exactly(3) == b"abc"
    with pytest.raises(ConnectionResetError):
        await broken.exactly(1)


async def test_the_other_end_waits_where_too_much_is_not_taken() -> None:
    arriving, tap = Arriving(), Tap()
    arriving.source = tap
    arriving.add(bytes(MAX_WAITING_BYTES))
    assert tap.done == []
    arriving.add(b"x")
    arriving.add(b"y")
    assert tap.done == ["pause"]
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(arriving.exactly, MAX_WAITING_BYTES + 3)
        await anyio.wait_all_tasks_blocked()
        assert tap.done == ["pause", "resume"]
        arriving.add(b"z")


async def test_a_piece_is_sent_when_the_one_before_has_left() -> None:
    leaving, tap = Leaving(), Tap()
    leaving.sink = tap

    async def send_all() -> None:
        for piece in (b"a", b"b"):
            await leaving.send(piece)

    async with anyio.create_task_group() as tasks:
        leaving.pause()
        tasks.start_soon(send_all)
        await anyio.wait_all_tasks_blocked()
        assert tap.done == [b"a"]
        leaving.resume()
    assert tap.done == [b"a", b"b"]


async def test_nothing_is_sent_where_the_other_end_is_closed() -> None:
    leaving, tap = Leaving(), Tap()
    leaving.sink = tap

    async def send() -> None:
        with pytest.raises(BrokenPipeError):
            await leaving.send(b"a")

    async with anyio.create_task_group() as tasks:
        leaving.pause()
        tasks.start_soon(send)
        await anyio.wait_all_tasks_blocked()
        leaving.end(None)
    with pytest.raises(BrokenPipeError):
        await leaving.send(b"b")
    assert tap.done == [b"a"]
