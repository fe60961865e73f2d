"""Sessions without sockets, for tests of what is around them."""

from emulator.protocol.json_codec import JsonCodec
from emulator.protocol.permissions import Permissions
from emulator.protocol.session import Session
from emulator.protocol.subprotocols import JSON


def json_session(connection_id: str, user_id: str | None) -> Session:
    """The session of a plain JSON client without roles."""
    return Session(connection_id, user_id, Permissions(), JsonCodec(), JSON)
