"""The sender over Web PubSub's REST API, through its SDK.

https://learn.microsoft.com/rest/api/webpubsub. A connection or user that is gone is a 404, which is not an error here.
"""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

from azure.core.credentials import AzureKeyCredential
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError
from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

from shared.adapters.client_options import CLIENT_OPTIONS
from shared.adapters.correlation import correlate
from shared.flow.concurrency import each
from shared.logs import line
from shared.model.errors import Unavailable
from shared.ports.sender import TOKEN_MINUTES, ClientAccess, Payload

SEND, JOIN = "sendToGroup", "joinLeaveGroup"
RIGHTS_CHANGED = "Your permissions have changed; reconnect."

log = logging.getLogger("chatr.pubsub")


class PubSub:
    """Implements ``ports.sender.Sender``. Create it inside the running event loop, and ``close`` it.

    ``client_origin``, if not empty, replaces the scheme and host of the URLs given to browsers.
    """

    def __init__(
        self, endpoint: str, hub: str, credential: AzureKeyCredential | AsyncTokenCredential, client_origin: str = ""
    ) -> None:
        self._client = WebPubSubServiceClient(endpoint, hub, credential, raw_request_hook=correlate, **CLIENT_OPTIONS)
        self._client_origin = client_origin

    async def to_everyone(self, payload: Payload, but: Sequence[str] = ()) -> None:
        async with _outcomes():
            await self._client.send_to_all(dict(payload), excluded=list(but) or None)

    async def to_chat(self, chat_id: str, payload: Payload, but: Sequence[str] = ()) -> None:
        async with _outcomes():
            await self._client.send_to_group(chat_id, dict(payload), excluded=list(but) or None)

    async def to_user(self, user_id: str, payload: Payload) -> None:
        async with _outcomes():
            await self._client.send_to_user(user_id, dict(payload))

    async def enter(self, chat_id: str, user_id: str) -> None:
        async with _outcomes():
            await self._client.add_user_to_group(chat_id, user_id)

    async def exit(self, chat_id: str, user_id: str) -> None:
        async with _outcomes():
            await self._client.remove_user_from_group(chat_id, user_id)

    async def allow(self, connection_id: str, chat_id: str) -> None:
        await each((SEND, JOIN), lambda right: self._grant(right, connection_id, chat_id))

    async def admit(self, connection_id: str, chat_id: str) -> None:
        await self._grant(JOIN, connection_id, chat_id)

    async def _grant(self, right: str, connection_id: str, chat_id: str) -> None:
        async with _outcomes():
            await self._client.grant_permission(right, connection_id, target_name=chat_id)

    async def mute(self, connection_id: str, chat_id: str) -> None:
        await self._revoke(SEND, connection_id, chat_id)

    async def forbid(self, connection_id: str, chat_id: str) -> None:
        await each((SEND, JOIN), lambda right: self._revoke(right, connection_id, chat_id))

    async def _revoke(self, right: str, connection_id: str, chat_id: str) -> None:
        async with _outcomes():
            await self._client.revoke_permission(right, connection_id, target_name=chat_id)

    async def end(self, connection_id: str) -> None:
        async with _outcomes():
            await self._client.close_connection(connection_id, reason=RIGHTS_CHANGED)

    async def end_others(self, user_id: str, but: Sequence[str]) -> None:
        async with _outcomes():
            await self._client.close_user_connections(user_id, excluded=list(but) or None, reason=RIGHTS_CHANGED)

    async def is_open(self, connection_id: str) -> bool:
        async with _outcomes():
            return bool(await self._client.connection_exists(connection_id))
        return False

    async def is_connected(self, user_id: str) -> bool:
        async with _outcomes():
            return bool(await self._client.user_exists(user_id))
        return False

    async def client_access(self, user_id: str, roles: Sequence[str], groups: Sequence[str]) -> ClientAccess:
        async with _outcomes():
            access = await self._client.get_client_access_token(
                user_id=user_id, roles=list(roles), groups=list(groups), minutes_to_expire=TOKEN_MINUTES
            )
            return ClientAccess(self._public(access["url"]), self._public(access["baseUrl"]), access["token"])
        raise Unavailable

    async def ping(self) -> None:
        await self.is_open("ping")

    async def close(self) -> None:
        """Closes the HTTP connections."""
        await self._client.close()

    def _public(self, address: str) -> str:
        if not self._client_origin:
            return address
        origin = urlsplit(self._client_origin)
        return urlunsplit(urlsplit(address)._replace(scheme=origin.scheme, netloc=origin.netloc))


@asynccontextmanager
async def _outcomes() -> AsyncIterator[None]:
    """Ignores a 404, and raises Unavailable for every other error of the SDK."""
    try:
        yield
    except ResourceNotFoundError:
        return
    except HttpResponseError as error:
        log.error(line("Web PubSub refused a request", status=error.status_code or 0))
        raise Unavailable from error
    except (AzureError, OSError, TimeoutError) as error:
        log.error(line("Web PubSub is not responding", error=type(error).__name__))
        raise Unavailable from error
