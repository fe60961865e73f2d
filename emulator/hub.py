"""The connections of a hub, their groups, and the fan-out of messages to them. No event loop, no sockets."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Literal, TypeAlias

from .connection import Connection
from .protocol.delivery import Delivery
from .protocol.messages import Message
from .protocol.unacknowledged import BufferFull

Condition = Callable[[Connection], bool]
# The kind of receiver, and the name of the group, user or connection.
TargetKind: TypeAlias = Literal["all", "group", "user", "connection"]
Target: TypeAlias = tuple[TargetKind, str]

EVERYBODY: Target = ("all", "")
NO_IDS: Collection[str] = frozenset()


class Hub:
    """The registry of one hub. Empty groups and users take no memory."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.connections: dict[str, Connection] = {}
        self._groups: dict[str, dict[str, Connection]] = {}
        self._users: dict[str, dict[str, Connection]] = {}

    def add(self, connection: Connection) -> None:
        """Registers a connection."""
        self.connections[connection.id] = connection
        if connection.user_id is not None:
            self._users.setdefault(connection.user_id, {})[connection.id] = connection

    def remove(self, connection: Connection) -> None:
        """Removes a connection and its memberships."""
        self.connections.pop(connection.id, None)
        self.leave_all(connection)
        if connection.user_id is not None:
            _discard(self._users, connection.user_id, connection)

    def join(self, connection: Connection, group: str) -> None:
        """Adds a connection to a group; idempotent."""
        self._groups.setdefault(group, {})[connection.id] = connection
        connection.groups.add(group)

    def leave(self, connection: Connection, group: str) -> None:
        """Removes a connection from a group; idempotent."""
        connection.groups.discard(group)
        _discard(self._groups, group, connection)

    def leave_all(self, connection: Connection) -> None:
        """Removes a connection from every group."""
        for group in list(connection.groups):
            self.leave(connection, group)

    def members(self, group: str) -> Collection[Connection]:
        """The connections in a group, in the order they joined."""
        return self._groups.get(group, {}).values()

    @property
    def groups(self) -> Mapping[str, Mapping[str, Connection]]:
        """The members of every group, by connection id, in the order they joined."""
        return self._groups

    def of_user(self, user_id: str) -> Collection[Connection]:
        """The connections of a user."""
        return self._users.get(user_id, {}).values()

    def addressed(self, target: Target) -> Collection[Connection]:
        """The connections that a message for ``target`` goes to."""
        match target:
            case ("all", _):
                return self.connections.values()
            case ("group", name):
                return self.members(name)
            case ("user", name):
                return self.of_user(name)
            case ("connection", name):
                connection = self.connections.get(name)
                return () if connection is None else (connection,)

    def publish(self, message: Message, now: float, excluded: Collection[str] = NO_IDS) -> list[Connection]:
        """Sends to the message's group; returns the connections whose buffers are full, which must end."""
        # The end of a stream has no data, so clients that do not know streams must not get it.
        last = message.stream is not None and message.stream.end
        return fan_out(self.members(message.group or ""), message, now, excluded, knows_streams if last else None)


def knows_streams(connection: Connection) -> bool:
    """Whether the client's protocol marks messages as parts of a stream."""
    return connection.session.codec.carries_streams


def receives(connection: Connection, excluded: Collection[str], condition: Condition | None) -> bool:
    """Whether a connection that a message is addressed to gets it."""
    return connection.id not in excluded and (condition is None or condition(connection))


def count_reached(
    receivers: Collection[Connection], excluded: Collection[str] = NO_IDS, condition: Condition | None = None
) -> int:
    """How many of the connections that a message is addressed to get it."""
    return sum(1 for connection in receivers if receives(connection, excluded, condition))


def fan_out(
    receivers: Iterable[Connection],
    message: Message,
    now: float,
    excluded: Collection[str] = NO_IDS,
    condition: Condition | None = None,
) -> list[Connection]:
    """Sends one message to many; returns the connections whose buffers are full, which must end.

    ``now``: seconds of a monotonic clock, from which the time to live counts.
    """
    delivery = Delivery(message, now)
    full: list[Connection] = []
    for_all = not excluded and condition is None
    for connection in receivers:
        if not for_all and not receives(connection, excluded, condition):
            continue
        try:
            connection.deliver(delivery)
        except BufferFull:
            full.append(connection)
    return full


def _discard(index: dict[str, dict[str, Connection]], key: str, connection: Connection) -> None:
    members = index.get(key)
    if members is None:
        return
    members.pop(connection.id, None)
    if not members:
        del index[key]
