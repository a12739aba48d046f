"""Connections to model servers by name: each of its addresses has its turn, and the one that answered is kept."""

import socket
from collections.abc import Generator

import pytest

from ocr_mcp.engines import connections
from ocr_mcp.engines.connections import Connector

pytestmark = pytest.mark.anyio

DEAD, LIVE = "127.0.0.2", "127.0.0.1"


@pytest.fixture
def port() -> Generator[int]:
    with socket.create_server((LIVE, 0)) as listener:
        yield listener.getsockname()[1]


class Names:
    """Stands for the system's resolver: one name with these addresses."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses
        self.asked = 0

    async def __call__(self, host: str, port: int, seconds: float | None) -> list[str]:
        self.asked += 1
        return [*self.addresses]


async def reached(connector: Connector, host: str, port: int) -> None:
    connection = await connector.connect(host, port, seconds=5)
    await connection.aclose()


async def test_an_address_behind_one_that_refuses_is_reached_and_remembered(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, connector = Names(DEAD, LIVE), Connector()
    monkeypatch.setattr(connections, "_addresses", names)
    for _ in range(3):
        await reached(connector, "ocr.example", port)
    assert names.asked == 1


async def test_a_name_is_looked_up_again_where_the_address_that_answered_is_gone(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, connector = Names(LIVE), Connector()
    monkeypatch.setattr(connections, "_addresses", names)
    await reached(connector, "ocr.example", port)
    names.addresses = (DEAD,)
    with socket.create_server((DEAD, 0)) as moved:
        moved_to = moved.getsockname()[1]
        connector._answered["ocr.example", moved_to] = LIVE  # pyright: ignore[reportPrivateUsage]
        await reached(connector, "ocr.example", moved_to)
    assert names.asked == 2


async def test_where_no_address_answers_the_first_failure_is_said(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_addresses", Names(DEAD, "127.0.0.3"))
    with pytest.raises(ConnectionRefusedError, match=DEAD):
        await Connector().connect("ocr.example", port, seconds=5)


async def test_a_name_of_this_machine_is_found(port: int) -> None:
    await reached(Connector(), "localhost", port)
