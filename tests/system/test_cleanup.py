"""The clean-up while a stack is running, started by its make target."""

import subprocess
import sys

from local.configuration import storage_connection
from shared.adapters.tables.store import with_connection_string
from shared.model.clock import now
from shared.model.records import Connection, OnlineUser
from tests.running import PATIENCE
from tests.stack import ROOT, Stack, guest, session
from tests.system.chatr_client import ChatrClient


def cleaned(stack: Stack, *options: str) -> int:
    """The number of ghosts that it reports."""
    moved = [f"--{name}-port={getattr(stack.ports, name)}" for name in ("pubsub", "table")]
    command = [sys.executable, "-m", "local", "cleanup", *moved, "--data", str(stack.data), "--", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60 * PATIENCE)
    assert (done.returncode, done.stderr) == (0, "")
    return int(done.stdout.splitlines()[0].removeprefix("ghosts").split()[0])


async def test_a_ghost_is_announced_and_removed_and_who_is_here_stays(stack: Stack) -> None:
    store = with_connection_string(storage_connection(stack.ports))
    await store.presence.put_connection("ghost", Connection("lost", False))
    await store.presence.appear(OnlineUser("ghost", "Ghost", "test", False, now()))
    async with session() as http:
        ann = await guest(http, stack.url, "Ann")
        async with ChatrClient.connected(ann) as client:
            # Other tests may have left some too.
            assert cleaned(stack) >= 1
            assert await store.presence.online("ghost") is not None
            assert cleaned(stack, "--apply", "--only", "ghosts") >= 1
            assert (await client.chat_event("userOffline"))["data"]["data"] == "ghost"
            assert await store.presence.online("ghost") is None
            assert await store.presence.online(ann.user_id) is not None
    await store.close()
