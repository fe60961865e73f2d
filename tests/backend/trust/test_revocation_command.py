"""The command ``python -m shared.revocation``: its effect on a user of a running backend, and its output."""

import aiohttp
from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

from shared.adapters.tables.store import TableStore
from shared.model.records import Profile
from tests.backend.commands import NOWHERE, ran
from tests.backend.stage import new_id
from tests.system.chatr_client import SUBPROTOCOL

COMMAND = "shared.revocation"


async def test_it_ends_what_is_open_only_when_it_is_told_to(
    table_store: TableStore, azurite: str, stand_in: str
) -> None:
    user = new_id()
    await table_store.users.put(Profile(user, "Pat", "github"))
    settings = {"STORAGE_CONNECTION_STRING": azurite, "PUBSUB_CONNECTION_STRING": stand_in}
    async with WebPubSubServiceClient.from_connection_string(stand_in, hub="chat") as service:
        address = (await service.get_client_access_token(user_id=user))["url"]
    async with aiohttp.ClientSession() as browser, browser.ws_connect(address, protocols=[SUBPROTOCOL]) as socket:
        assert (await socket.receive_json())["event"] == "connected"
        asked = ran(COMMAND, user, **settings)
        assert (asked.returncode, asked.stderr) == (0, "")
        assert asked.stdout == "That is a user called 'Pat'. Nothing was changed. Add --apply to sign them out.\n"
        assert await table_store.users.revoked(user) == 0 and not socket.closed
        done = ran(COMMAND, user, "--apply", **settings)
        assert (done.returncode, done.stderr) == (0, "")
        assert (await socket.receive_json())["event"] == "disconnected"
    assert await table_store.users.revoked(user)


def test_what_does_not_answer_is_one_line_that_says_what_to_do(stand_in: str) -> None:
    done = ran(COMMAND, "who", "--apply", STORAGE_CONNECTION_STRING=NOWHERE, PUBSUB_CONNECTION_STRING=stand_in)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith("revocation: Storage or Web PubSub is not responding. Run it again")
    assert "Traceback" not in done.stderr


def test_wrong_settings_are_named() -> None:
    done = ran(COMMAND, "who", PRESENCE="sometimes")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "revocation: PRESENCE must be everyone, chats or off.\n"
