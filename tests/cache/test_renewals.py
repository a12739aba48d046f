"""Claims are renewed while something is computed, all of them together, and no longer."""

import asyncio
import itertools
from collections.abc import Sequence
from contextlib import suppress

import anyio
import anyio.lowlevel
import pytest

from ocr_mcp.cache.renewals import Renewals

pytestmark = pytest.mark.anyio

SOON = 0.01


class Renewed:
    """What was asked to be renewed."""

    def __init__(self) -> None:
        self.keys: list[tuple[str, ...]] = []
        self.again = anyio.Event()

    async def __call__(self, keys: Sequence[str]) -> None:
        self.keys.append(tuple(keys))
        self.again.set()
        self.again = anyio.Event()

    async def wait(self) -> None:
        with anyio.fail_after(10):
            await self.again.wait()


async def test_what_is_held_is_renewed_again_and_again() -> None:
    renewed = Renewed()
    renewals = Renewals(renewed, seconds=SOON)
    with renewals.held("a"):
        await renewed.wait()
        with renewals.held("b"):
            await renewed.wait()
        await renewed.wait()
    assert [keys for keys, _ in itertools.groupby(renewed.keys)] == [("a",), ("a", "b"), ("a",)]


async def test_a_key_that_two_hold_is_renewed_until_both_let_go() -> None:
    renewed = Renewed()
    renewals = Renewals(renewed, seconds=SOON)
    with renewals.held("a"):
        with renewals.held("a"):
            pass
        await renewed.wait()
    assert set(renewed.keys) == {("a",)}


async def test_nothing_goes_on_once_nothing_is_held() -> None:
    renewals = Renewals(Renewed(), seconds=SOON)
    before = asyncio.all_tasks()
    with suppress(ValueError), renewals.held("a"):
        assert len(asyncio.all_tasks() - before) == 1
        raise ValueError("an error ends it, too")
    await anyio.lowlevel.checkpoint()
    assert asyncio.all_tasks() - before == set()
