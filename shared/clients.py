"""The process-wide backend, created lazily inside the running event loop.

It is the only module state of the backend that is not a cache.
"""

import asyncio
import logging
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from shared.backend import Backend
from shared.flow.admission import Admission
from shared.model.clock import now
from shared.ports.sender import Sender
from shared.ports.signing_keys import SigningKeys
from shared.ports.store import Store
from shared.settings import BadSettings, Settings, read_settings

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential


class Closable(Protocol):
    """A client that holds connections open."""

    async def close(self) -> None:
        """Closes the connections."""


class Clients:
    """A backend and the clients that it uses."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._backend: Backend | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open: list[Closable] = []
        self._closing: asyncio.Task[None] | None = None

    def backend(self) -> Backend:
        """The backend of the running event loop; raises BadSettings if the settings are invalid."""
        loop = asyncio.get_running_loop()
        if self._backend is None or self._loop is not loop:
            self._backend, self._loop = self._make(read_settings(self._environ)), loop
            self._closing = loop.create_task(self._close_with_the_loop())
        return self._backend

    def use(self, backend: Backend) -> None:
        """Uses ``backend`` from now on, in the running event loop."""
        self._backend, self._loop = backend, asyncio.get_running_loop()

    async def close(self) -> None:
        """Closes all connections. The next call of ``backend`` creates a new backend."""
        opened, self._open, self._backend = self._open, [], None
        for client in opened:
            await client.close()

    async def _close_with_the_loop(self) -> None:
        """Waits until the loop's owner cancels all remaining tasks, as ``asyncio.run`` does, and then closes.

        Hosts don't tell an app that they stop, and clients that are never closed cause warnings in the log.
        """
        try:
            await asyncio.Event().wait()
        finally:
            await self.close()

    def _make(self, settings: Settings) -> Backend:
        # At INFO the SDKs log the URL of every request, which contains ids of users and chats.
        logging.getLogger("azure").setLevel(logging.WARNING)
        return Backend(
            settings,
            self._store(settings),
            self._sender(settings),
            now,
            self._signing_keys(settings),
            admission=Admission(settings.calls_per_minute, settings.guests_per_minute),
        )

    # The SDKs are imported inside functions, so that a cold start loads only those that the settings need.

    def _store(self, settings: Settings) -> Store:
        from shared.adapters.tables.store import with_connection_string, with_identity

        if not settings.storage_connection_string:
            store = with_identity(settings.storage_account_name, self._credential())
        else:
            try:
                store = with_connection_string(settings.storage_connection_string)
            except ValueError as error:
                raise BadSettings(["STORAGE_CONNECTION_STRING is not a storage connection string."]) from error
        self._open.append(store)
        return store

    def _sender(self, settings: Settings) -> Sender:
        from azure.core.credentials import AzureKeyCredential

        from shared.adapters.pubsub import PubSub

        key = settings.pubsub_access_key
        credential = AzureKeyCredential(key) if key else self._credential()
        sender = PubSub(settings.pubsub_endpoint, settings.hub, credential, settings.pubsub_client_endpoint)
        self._open.append(sender)
        return sender

    def _signing_keys(self, settings: Settings) -> SigningKeys | None:
        if "entra" not in settings.event_checks:
            return None
        from shared.adapters.signing_keys import TenantKeys

        return TenantKeys(settings.event_tenant)

    def _credential(self) -> "AsyncTokenCredential":
        from azure.identity.aio import DefaultAzureCredential

        credential = DefaultAzureCredential()
        self._open.append(credential)
        return credential


process = Clients(os.environ)
