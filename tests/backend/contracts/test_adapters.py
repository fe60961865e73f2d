"""Behaviour of only the real adapters: URLs for browsers, large partitions, and the distinction of faults."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from azure.core.credentials import AzureKeyCredential

from shared.adapters.pubsub import PubSub
from shared.adapters.tables.store import TableStore, with_connection_string
from shared.adapters.tables.table import Table
from shared.clients import Clients
from shared.model.errors import Unavailable
from shared.model.records import Chat, Connection, Head, Member, Message
from tests.backend.stage import ENVIRONMENT, keep, new_id

KEY = "test-access-key-0123456789abcdef"
NOWHERE = "http://127.0.0.1:1"


async def address(client_origin: str) -> tuple[str, str, str]:
    sender = PubSub("https://x.webpubsub.azure.com", "chat", AzureKeyCredential(KEY), client_origin)
    access = await sender.client_access("ann", ["webpubsub.sendToGroup.c"], ["c"])
    await sender.close()
    return access.url, access.base_url, access.token


async def test_a_browser_is_sent_to_the_service_with_a_token_for_it() -> None:
    url, base, token = await address("")
    assert base == "wss://x.webpubsub.azure.com/client/hubs/chat"
    assert url == f"{base}?access_token={token}"
    claims = jwt.decode(token, KEY, ["HS256"], audience="https://x.webpubsub.azure.com/client/hubs/chat")
    assert (claims["sub"], claims["role"], claims["webpubsub.group"]) == ("ann", ["webpubsub.sendToGroup.c"], ["c"])


async def test_a_browser_is_sent_to_the_gateway_where_one_is_configured() -> None:
    url, base, token = await address("wss://chat.example.net:8443")
    assert base == "wss://chat.example.net:8443/client/hubs/chat"
    assert urlsplit(url).netloc == "chat.example.net:8443" and parse_qs(urlsplit(url).query) == {
        "access_token": [token]
    }
    jwt.decode(token, KEY, ["HS256"], audience="https://x.webpubsub.azure.com/client/hubs/chat")


async def test_a_service_that_cannot_be_reached_is_unavailable() -> None:
    sender = PubSub(NOWHERE, "chat", AzureKeyCredential(KEY))
    with pytest.raises(Unavailable):
        await sender.ping()
    await sender.close()


async def test_a_service_that_refuses_us_is_unavailable(stand_in: str) -> None:
    endpoint = stand_in.partition("Endpoint=")[2].partition(";")[0]
    sender = PubSub(endpoint, "chat", AzureKeyCredential("not-the-key-not-the-key-not-the-key"))
    for call in (sender.ping(), sender.to_everyone({"chatEvent": "x", "data": ""}), sender.enter("c", "u")):
        with pytest.raises(Unavailable):
            await call
    await sender.close()


async def test_storage_that_refuses_us_is_unavailable_and_not_empty(azurite: str) -> None:
    store = with_connection_string(azurite.replace("AccountKey=E", "AccountKey=F"))
    calls = (
        store.ping(),
        store.chats.read("c"),
        store.chats.roster("c", 5),
        store.chats.create(Chat("c", "n", "o", "public"), [Member("u", "n", 1)]),
        store.chats.unlist("c"),
        store.presence.connections("u"),
        store.users.read("u"),
        anext(store.sweep().connections()),
    )
    for call in calls:
        with pytest.raises(Unavailable):
            await call
    await store.close()


async def test_more_rows_than_a_page_or_a_batch_holds_are_read_and_purged(table_store: TableStore) -> None:
    chat_id = new_id()
    messages = [Message(new_id(), "ann", "Ann", "hi", number) for number in range(400)]
    for message in messages:
        await keep(table_store, chat_id, message)
    newest = await table_store.messages.newest(chat_id, None, 400)
    assert [one.time for one in newest] == list(range(399, -1, -1))
    assert not await table_store.messages.purge(chat_id, 1_150)
    assert await table_store.messages.purge(chat_id, 1_150)
    assert await table_store.messages.newest(chat_id, None, 5) == ()


async def test_a_history_without_a_head_gets_one_with_its_next_message(table_store: TableStore) -> None:
    """The histories of the first version have no head."""
    chat_id = new_id()
    old, new = (Message(new_id(), "ann", "Ann", "hi", number) for number in (1, 2))
    await keep(table_store, chat_id, old)
    await Table(table_store._service.get_table_client("messages")).delete(chat_id, "h")
    assert await table_store.messages.head(chat_id) == Head()
    assert await keep(table_store, chat_id, new)
    assert (await table_store.messages.head(chat_id)).time == 2
    assert await table_store.messages.following(chat_id, None, 9) == (old, new)


async def test_a_scan_reads_on_from_page_to_page_and_a_table_never_made_is_empty(table_store: TableStore) -> None:
    user = new_id()
    ids = sorted(new_id() for _ in range(5))
    await asyncio.gather(*(table_store.presence.put_connection(user, Connection(one, False)) for one in ids))
    connections = Table(table_store._service.get_table_client("presence"))
    found = connections.scan("PartitionKey eq @user", {"user": f"user:{user}"}, page_rows=2)
    assert [row["id"] async for row in found] == ids
    nowhere = Table(table_store._service.get_table_client("nowhere"))
    assert [row async for row in nowhere.scan("PartitionKey gt @low", {"low": ""})] == []


async def test_with_managed_identity_clients_are_made_without_a_key_and_closed() -> None:
    environ = {
        **ENVIRONMENT,
        "PUBSUB_CONNECTION_STRING": "",
        "PUBSUB_ENDPOINT": "https://x.webpubsub.azure.com",
        "STORAGE_CONNECTION_STRING": "",
        "STORAGE_ACCOUNT_NAME": "chatrstorage",
        "EVENT_HANDLER_AUTH": "entra",
        "EVENT_HANDLER_TENANT": "00000000-0000-4000-8000-000000000001",
        "EVENT_HANDLER_AUDIENCE": "a",
        "EVENT_HANDLER_PRINCIPAL": "00000000-0000-4000-8000-000000000002",
    }
    clients = Clients(environ)
    assert clients.backend().signing_keys is not None
    await clients.close()
