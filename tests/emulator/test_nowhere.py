"""Paths where there is nothing: each kind is said once, however often somebody comes again."""

import asyncio

import aiohttp
import pytest

from emulator.nowhere import PATHS_LOGGED
from tests.emulator.clients import status_of_connect
from tests.emulator.conftest import StandIn


@pytest.mark.parametrize(
    ("paths", "named"),
    [
        (["/server/tunnel?hub=eio_hub", "/server/tunnel/x"], "Socket.IO servers"),
        (["/clients/socketio/hubs/eio_hub/?EIO=4", "/Clients/SocketIO/hubs/other", "/socket.io/?EIO=4"], "Socket.IO c"),
        (["/clients/mqtt/hubs/chat"], "MQTT clients are not supported"),
        (["/negotiate?id=x", "/api2/negotiate", "/client/negotiate"], "SignalR"),
        (["/nowhere?secret=hush"], "GET /nowhere: 404: there is nothing here"),
    ],
)
async def test_what_tries_for_ever_is_one_line_that_says_what_is_not_supported(
    emulator: StandIn, paths: list[str], named: str
) -> None:
    for _ in range(5):
        for path in paths:
            status, body = await status_of_connect(f"{emulator.endpoint}{path}")
            assert status == 404
            assert named in body or "/client/hubs/{hub}" in body
    said = [line for line in emulator.log.getvalue().splitlines() if "404" in line]
    assert len(said) == 1 and named in said[0] and "logged once" in said[0]
    assert "hush" not in said[0]


async def test_unknown_paths_do_not_fill_the_log(emulator: StandIn) -> None:
    async with aiohttp.ClientSession(emulator.endpoint) as session:

        async def ask(number: int) -> None:
            async with session.get(f"/nothing/{number}") as answer:
                assert answer.status == 404

        await asyncio.gather(*(ask(number) for number in range(100)))
    said = [line for line in emulator.log.getvalue().splitlines() if "/nothing/" in line]
    assert len(said) == PATHS_LOGGED + 1
    assert said[-1].endswith("(further unknown paths are not logged)")
    # Nor do they keep what is worth a line from being said.
    await status_of_connect(f"{emulator.endpoint}/socket.io/?EIO=4")
    assert "Socket.IO clients are not supported" in emulator.log.getvalue()
