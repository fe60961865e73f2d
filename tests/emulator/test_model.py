"""The state machines against a model: joins, leaves, sends, drops, recoveries, acks in any order.

Nothing is lost, nothing comes twice, order is kept, and nobody hears a group they are not in.
"""

import json

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from emulator.connection import Connection
from emulator.hub import Hub
from emulator.protocol.acks import AckHistory
from emulator.protocol.delivery import Delivery
from emulator.protocol.messages import Content
from emulator.protocol.permissions import Permissions
from emulator.protocol.session import CallHandler, Deliver, Effect, Join, Leave, Publish, Session, Write
from emulator.protocol.unacknowledged import Unacknowledged

GROUPS = st.sampled_from(["a", "b"])


class Wire:
    """An outlet that remembers the messages and acks written to it."""

    def __init__(self) -> None:
        self.messages: list[dict[str, object]] = []
        self.acks: list[dict[str, object]] = []

    def write(self, frame: bytes) -> None:
        start = {126: 4, 127: 10}.get(frame[1], 2)
        value = json.loads(frame[start:])
        (self.messages if value["type"] == "message" else self.acks).append(value)

    def close(self, code: int, reason: str) -> None:
        raise AssertionError(f"closed with {code}: {reason}")

    def replay(self, frames: list[bytes]) -> None:
        for frame in frames:
            self.write(frame)

    def abort(self) -> None:
        """Nothing is left to drop."""

    def pause(self) -> None:
        """Reading is the test's business."""

    def resume(self) -> None:
        """Reading is the test's business."""


class Peer:
    """A client that behaves as the official ones do, and the model of what it must see."""

    def __init__(self, number: int, reliable: bool) -> None:
        session = Session(f"c{number}", f"u{number}", permissions(), Unacknowledged() if reliable else None)
        self.connection = Connection(session, "hub")
        self.wire = Wire()
        self.connection.outlet = self.wire
        self.seen: list[object] = []
        self.highest = 0
        self.groups: set[str] = set()
        self.expected: list[object] = []
        self.next_ack = 0
        self.waiting: list[dict[str, object]] = []

    @property
    def reachable(self) -> bool:
        """Whether what is sent now will arrive, at once or after a recovery."""
        return self.connection.outlet is not None or self.connection.session.reliable

    def take(self, count: int | None = None) -> None:
        """Reads ``count`` of the messages that have arrived, dropping repeated sequence ids as clients do."""
        arrived = self.wire.messages[:count]
        del self.wire.messages[:count]
        for message in arrived:
            sequence_id = message.get("sequenceId")
            if isinstance(sequence_id, int):
                if sequence_id <= self.highest:
                    continue
                assert sequence_id == self.highest + 1
                self.highest = sequence_id
            self.seen.append(message["data"])

    def would_see(self) -> list[object]:
        """What it has seen once it has read everything that has arrived."""
        fresh = [
            m["data"] for m in self.wire.messages if int(str(m.get("sequenceId", self.highest + 1))) > self.highest
        ]
        return self.seen + fresh


def permissions() -> Permissions:
    return Permissions(["webpubsub.joinLeaveGroup", "webpubsub.sendToGroup"])


class Machine(RuleBasedStateMachine):
    """Drives real sessions and a real hub without sockets."""

    peers = Bundle("peers")

    def __init__(self) -> None:
        super().__init__()
        self.hub = Hub("hub")
        self.all: list[Peer] = []
        self.sent = 0
        self.connects = 0

    def perform(self, peer: Peer, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Write(frame):
                    peer.connection.write(frame)
                case Join(group):
                    self.hub.join(peer.connection, group)
                case Leave(group):
                    self.hub.leave(peer.connection, group)
                case Publish(message, no_echo):
                    assert not self.hub.publish(message, (peer.connection.id,) if no_echo else ())
                case Deliver(message):
                    peer.connection.deliver(Delivery(message))
                case CallHandler():
                    pass
                case other:
                    raise AssertionError(other)

    def say(self, peer: Peer, **message: object) -> None:
        """Sends a message; while an event waits for its handler, the model waits too."""
        if peer.waiting:
            peer.waiting.append(message)
        else:
            self.apply(peer, message)
        self.perform(peer, peer.connection.session.receive(json.dumps(message).encode()))

    def apply(self, peer: Peer, message: dict[str, object]) -> None:
        group = str(message.get("group"))
        match message["type"]:
            case "joinGroup":
                peer.groups.add(group)
            case "leaveGroup":
                peer.groups.discard(group)
            case "event":
                peer.waiting.append(message)
            case "sendToGroup":
                for receiver in self.all:
                    echo = receiver is peer and message["noEcho"]
                    if group in receiver.groups and not echo and receiver.reachable:
                        receiver.expected.append(message["data"])

    @rule(target=peers, reliable=st.booleans())
    def connect(self, reliable: bool) -> Peer:
        self.connects += 1
        peer = Peer(self.connects, reliable)
        self.hub.add(peer.connection)
        self.all.append(peer)
        return peer

    @rule(peer=peers, group=GROUPS, kind=st.sampled_from(["joinGroup", "leaveGroup"]))
    def change(self, peer: Peer, group: str, kind: str) -> None:
        if peer.connection.outlet is not None:
            self.say(peer, type=kind, group=group, ackId=self.ack_id(peer))

    @rule(peer=peers, group=GROUPS, no_echo=st.booleans(), times=st.integers(1, 3))
    def publish(self, peer: Peer, group: str, no_echo: bool, times: int) -> None:
        for _ in range(times if peer.connection.outlet is not None else 0):
            self.sent += 1
            self.say(peer, type="sendToGroup", group=group, data=self.sent, noEcho=no_echo, ackId=self.ack_id(peer))

    @rule(peer=peers)
    def publish_again_under_the_same_ack_id(self, peer: Peer) -> None:
        if peer.connection.outlet is not None and peer.next_ack and not peer.waiting:
            repeated = {"type": "sendToGroup", "group": "a", "data": "never", "ackId": peer.next_ack}
            self.perform(peer, peer.connection.session.receive(json.dumps(repeated).encode()))
            assert peer.wire.acks[-1]["success"] is False

    @rule(peer=peers)
    def call_the_handler(self, peer: Peer) -> None:
        if peer.connection.outlet is not None:
            self.say(peer, type="event", event="e", data=0, ackId=self.ack_id(peer))

    @rule(peer=peers, answer=st.sampled_from(["reply", "nothing"]))
    def the_handler_answers(self, peer: Peer, answer: str) -> None:
        if not peer.waiting:
            return
        reply = None
        if answer == "reply":
            self.sent += 1
            reply = Content("json", b"%d" % self.sent)
        waiting, peer.waiting = peer.waiting[1:], []
        if reply is not None and peer.reachable:
            peer.expected.append(self.sent)
        for index, message in enumerate(waiting):
            self.apply(peer, message)
            if peer.waiting:
                peer.waiting += waiting[index + 1 :]
                break
        self.perform(peer, peer.connection.session.handler_answered(reply))

    @rule(peer=peers, count=st.integers(1, 4))
    def read(self, peer: Peer, count: int) -> None:
        peer.take(count)

    @rule(peer=peers, count=st.integers(0, 2))
    def acknowledge(self, peer: Peer, count: int) -> None:
        if peer.connection.outlet is not None:
            peer.take(count)
            self.say(peer, type="sequenceAck", sequenceId=peer.highest)

    @rule(peer=peers)
    def lose_the_socket(self, peer: Peer) -> None:
        if peer.connection.session.reliable:
            peer.wire.messages.clear()
            peer.connection.outlet = None

    @rule(peer=peers)
    def recover(self, peer: Peer) -> None:
        if not peer.connection.session.reliable:
            return
        peer.wire = Wire()
        peer.connection.outlet = peer.wire
        peer.wire.replay(peer.connection.session.replay())

    @rule(peer=consumes(peers))
    def leave_for_good(self, peer: Peer) -> None:
        self.hub.remove(peer.connection)
        self.all.remove(peer)

    @invariant()
    def connected_clients_saw_exactly_what_they_should(self) -> None:
        for peer in self.all:
            if peer.connection.outlet is not None:
                assert peer.would_see() == peer.expected
            else:
                assert peer.seen == peer.expected[: len(peer.seen)]

    @invariant()
    def the_hub_holds_nothing_of_those_who_left(self) -> None:
        members = {connection for group in "ab" for connection in self.hub.members(group)}
        assert members <= set(self.hub.connections.values()) == {peer.connection for peer in self.all}

    def ack_id(self, peer: Peer) -> int:
        peer.next_ack += 1
        return peer.next_ack


TestModel = Machine.TestCase
TestModel.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)


def test_the_ack_history_is_bounded() -> None:
    history = AckHistory(limit=3)
    for number in range(10):
        history.record(number)
    assert [number for number in range(10) if number in history] == [7, 8, 9]
