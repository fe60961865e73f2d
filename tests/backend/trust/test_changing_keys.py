"""Web PubSub's access key is rotated while people talk: the service accepts both of its keys, and nobody notices."""

import sys
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from azure.core.credentials import AzureKeyCredential

from shared.adapters.pubsub import PubSub
from shared.model.errors import Unavailable
from tests.conftest import ROOT
from tests.running import running
from tests.system.chatr_client import SUBPROTOCOL

OLD, NEW, NEITHER = (f"the-{name}-access-key-0123456789abcdef" for name in ("old", "new", "third"))


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A service with two keys."""
    command = [sys.executable, "-m", "emulator", "--port", "0", "--access-key", OLD, "--secondary-access-key", NEW]
    with running(command, cwd=ROOT) as server:
        line = server.wait_until(
            lambda output: next((one for one in output.splitlines() if one.startswith("Endpoint=")), None)
        )
        yield line.split(";")[0].removeprefix("Endpoint=")


@pytest.fixture
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def backend(endpoint: str, key: str) -> PubSub:
    return PubSub(endpoint, "chat", AzureKeyCredential(key))


async def test_what_was_opened_under_one_key_is_reached_under_the_other(
    endpoint: str, browser: aiohttp.ClientSession
) -> None:
    before, after = backend(endpoint, OLD), backend(endpoint, NEW)
    given_before = await before.client_access("ann", ["webpubsub.sendToGroup.tea"], ["tea"])
    async with browser.ws_connect(given_before.url, protocols=[SUBPROTOCOL]) as socket:
        assert (await socket.receive_json())["event"] == "connected"
        await after.to_chat("tea", {"said": "by the instance with the new key"})
        assert (await socket.receive_json())["data"] == {"said": "by the instance with the new key"}
        # An earlier token is valid until its hour is over.
        for access in (given_before, await after.client_access("ann", [], [])):
            async with browser.ws_connect(access.url, protocols=[SUBPROTOCOL]) as another:
                assert (await another.receive_json())["event"] == "connected"
    await before.close()
    await after.close()


async def test_a_key_that_the_service_does_not_have_is_worth_nothing(
    endpoint: str, browser: aiohttp.ClientSession
) -> None:
    stranger = backend(endpoint, NEITHER)
    with pytest.raises(Unavailable):
        await stranger.to_chat("tea", {"said": "nothing"})
    access = await stranger.client_access("ann", [], [])
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await browser.ws_connect(access.url, protocols=[SUBPROTOCOL])
    assert refused.value.status == 401
    await stranger.close()
