"""A connection that is lost without a word."""

from tests.emulator.clients import Client
from tests.emulator.conftest import StandIn


async def lost(stand_in: StandIn, client: Client) -> None:
    """Cuts the client's TCP connection and waits until the stand-in has noticed."""
    client.cut()
    await stand_in.log.holds(f"{client.id} (anonymous) lost its socket")
