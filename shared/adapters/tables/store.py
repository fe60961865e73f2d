"""The whole store over one storage account."""

from azure.core.credentials_async import AsyncTokenCredential
from azure.data.tables.aio import TableServiceClient

from shared.adapters.client_options import CLIENT_OPTIONS
from shared.adapters.correlation import correlate
from shared.adapters.tables.blocks import Blocks
from shared.adapters.tables.chats import Chats
from shared.adapters.tables.events import Events
from shared.adapters.tables.invites import Invites
from shared.adapters.tables.memberships import Memberships
from shared.adapters.tables.messages import Messages
from shared.adapters.tables.presence import Presence
from shared.adapters.tables.reactions import Reactions
from shared.adapters.tables.reads import Reads
from shared.adapters.tables.secrets import Secrets
from shared.adapters.tables.slots import Slots
from shared.adapters.tables.table import Table
from shared.adapters.tables.users import Users
from shared.ports.sweep import Sweep

# The tables that Bicep creates; missing ones are also created on first use.
TABLES = ("chats", "memberships", "invites", "users", "presence", "messages", "reads", "blocks", "events", "secrets")


class TableStore:
    """Implements ``ports.store.Store``. Create it inside the running event loop, and ``close`` it."""

    def __init__(self, service: TableServiceClient) -> None:
        self._service = service
        self._tables = tables = {name: Table(service.get_table_client(name)) for name in TABLES}
        self.chats = Chats(tables["chats"])
        self.memberships = Memberships(tables["memberships"])
        self.blocks = Blocks(tables["blocks"])
        self.invites = Invites(tables["invites"])
        self.users = Users(tables["users"])
        self.presence = Presence(tables["presence"])
        self.slots = Slots(tables["presence"])
        self.messages = Messages(tables["messages"])
        self.reads = Reads(tables["reads"])
        self.reactions = Reactions(tables["messages"])
        self.events = Events(tables["events"])
        self.secrets = Secrets(tables["secrets"])

    def sweep(self) -> Sweep:
        """Scans of whole tables. The import is here because only the clean-up needs it."""
        from shared.adapters.tables.sweep import TableSweep

        return TableSweep(self._tables)

    async def ping(self) -> None:
        """Raises Unavailable unless a query succeeds."""
        await self.presence.online("ping")

    async def close(self) -> None:
        """Closes the HTTP connections."""
        await self._service.close()


def with_connection_string(connection: str) -> TableStore:
    """A store over an account, authenticated with an account key; raises ValueError for a malformed string."""
    if connection.strip().rstrip(";").lower() == "usedevelopmentstorage=true":
        connection = DEVELOPMENT
    return TableStore(
        TableServiceClient.from_connection_string(connection, raw_request_hook=correlate, **CLIENT_OPTIONS)
    )


def with_identity(account: str, credential: AsyncTokenCredential) -> TableStore:
    """A store over an account, authenticated with a managed identity."""
    endpoint = f"https://{account}.table.core.windows.net"
    return TableStore(TableServiceClient(endpoint, credential=credential, raw_request_hook=correlate, **CLIENT_OPTIONS))


# What the shorthand stands for: the emulator's well-known account, not a secret. The Tables SDK does not support it.
# https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
DEVELOPMENT = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;"
    "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
    "TableEndpoint=http://127.0.0.1:10002/devstoreaccount1;"
)
