"""The state machines against a model: every kind of client joins, leaves, sends, drops, recovers, acks in any order.

Nothing is lost but what has outlived its time, nothing comes twice, order is kept, and nobody hears a group they are
not in.
"""

import json
from dataclasses import dataclass
from typing import Any, Literal, get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from emulator.connection import Connection
from emulator.hub import Hub, fan_out
from emulator.protocol import frames
from emulator.protocol.acks import AckHistory
from emulator.protocol.effects import CallHandler, Close, Deliver, Effect, Join, Leave, Publish, Write
from emulator.protocol.json_codec import JsonCodec
from emulator.protocol.messages import Content
from emulator.protocol.permissions import Permissions
from emulator.protocol.protobuf_codec import ProtobufCodec
from emulator.protocol.raw_codec import RawCodec
from emulator.protocol.session import Session
from emulator.protocol.unacknowledged import Unacknowledged
from tests.emulator import protobuf_wire

Kind = Literal["json", "reliable json", "protobuf", "reliable protobuf", "event", "sendToGroup", "sendToGroup noEcho"]
KINDS = get_args(Kind)
GROUPS = st.sampled_from(["a", "b"])
# Simple clients of the second mode publish to this one.
SIMPLE_GROUP = "a"


class Wire:
    """An outlet that remembers the messages and acks written to it, as the kind of client reads them."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.messages: list[tuple[int | None, int]] = []
        self.acks: list[dict[str, Any]] = []

    def write(self, frame: bytes) -> None:
        payload = frame[{126: 4, 127: 10}.get(frame[1], 2) :]
        if self.kind in ("event", "sendToGroup", "sendToGroup noEcho"):
            self.messages.append((None, int(payload)))
            return
        told = protobuf_wire.read(payload) if "protobuf" in self.kind else json.loads(payload)
        if told["type"] == "message":
            self.messages.append((told.get("sequenceId"), int(told["data"])))
        else:
            self.acks.append(told)

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


@dataclass
class Expected:
    """A message that a client must see, and under which number, unless it expires before."""

    number: int | None
    value: int
    expires_at: float


class Peer:
    """A client that behaves as the official ones do, and the model of what it must see."""

    def __init__(self, number: int, kind: Kind) -> None:
        self.kind = kind
        self.connection = Connection(session_of(number, kind), "hub")
        self.wire = Wire(kind)
        self.connection.outlet = self.wire
        self.seen: list[tuple[int | None, int]] = []
        self.highest = self.last_number = 0
        self.groups: set[str] = set()
        self.expected: list[Expected] = []
        self.next_ack = self.succeeded = 0
        self.waiting: list[dict[str, Any]] = []
        self.gone = False

    @property
    def simple(self) -> bool:
        return self.kind in ("event", "sendToGroup", "sendToGroup noEcho")

    @property
    def reliable(self) -> bool:
        return self.connection.session.reliable

    @property
    def connected(self) -> bool:
        return self.connection.outlet is not None and not self.gone

    def expect(self, value: int, expires_at: float) -> None:
        """What is sent now will arrive at once, or after a recovery, which gives it its number."""
        if self.connected:
            self.expected.append(Expected(self.number() if self.reliable else None, value, expires_at))
        elif self.reliable:
            self.expected.append(Expected(None, value, expires_at))

    def number(self) -> int:
        self.last_number += 1
        return self.last_number

    def come_back(self, now: float) -> None:
        """What the client has not seen and what has not expired is sent again, numbered where it was not yet."""
        unseen = [message for message in self.expected[len(self.seen) :] if message.expires_at > now]
        for message in unseen:
            message.number = message.number or self.number()
        self.expected[len(self.seen) :] = unseen

    def take(self, count: int | None = None) -> None:
        """Reads ``count`` of the messages that have arrived, dropping repeated sequence ids as clients do."""
        arrived = self.wire.messages[:count]
        del self.wire.messages[:count]
        for number, value in arrived:
            if number is not None and number <= self.highest:
                continue
            self.highest = number or 0
            self.seen.append((number, value))

    def would_see(self) -> list[tuple[int | None, int]]:
        """What it has seen once it has read everything that has arrived."""
        return self.seen + [m for m in self.wire.messages if m[0] is None or m[0] > self.highest]

    def encode(self, message: dict[str, Any]) -> tuple[int, bytes]:
        if self.simple:
            return frames.TEXT, str(message["data"]).encode()
        if "json" in self.kind:
            return frames.TEXT, json.dumps(message).encode()
        return frames.BINARY, protobuf_wire.request(message)


def session_of(number: int, kind: Kind) -> Session:
    permissions = Permissions(["webpubsub.joinLeaveGroup", "webpubsub.sendToGroup"])
    if "json" in kind or "protobuf" in kind:
        codec = JsonCodec() if "json" in kind else ProtobufCodec("text_data")
        buffer = Unacknowledged(codec) if "reliable" in kind else None
        return Session(f"c{number}", f"u{number}", permissions, codec, kind, buffer)
    raw = RawCodec() if kind == "event" else RawCodec(SIMPLE_GROUP, kind.endswith("noEcho"))
    return Session(f"c{number}", f"u{number}", permissions, raw, None)


def text(number: int) -> dict[str, str]:
    return {"dataType": "text", "data": str(number)}


class Machine(RuleBasedStateMachine):
    """Drives real sessions and a real hub without sockets, by a clock of its own."""

    peers = Bundle("peers")

    def __init__(self) -> None:
        super().__init__()
        self.hub = Hub("hub")
        self.all: list[Peer] = []
        self.sent = 0
        self.connects = 0
        self.now = 1000.0

    def perform(self, peer: Peer, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Write(frame):
                    peer.connection.write(frame)
                case Join(group):
                    self.hub.join(peer.connection, group)
                case Leave(group):
                    self.hub.leave(peer.connection, group)
                case Publish(message, no_echo, _, answer):
                    excluded = (peer.connection.id,) if no_echo else ()
                    assert not self.hub.publish(message, self.now, excluded)
                    peer.connection.write(answer)
                case Deliver(message):
                    assert not fan_out([peer.connection], message, self.now)
                case CallHandler():
                    pass
                case Close(code):
                    # Only a simple client is told of a failed event in this way.
                    assert peer.simple and code == frames.INTERNAL_ERROR
                    self.remove(peer)
                case other:
                    raise AssertionError(other)

    def remove(self, peer: Peer) -> None:
        peer.gone = True
        assert peer.connection.session.end() == []
        self.hub.remove(peer.connection)
        self.all.remove(peer)

    def say(self, peer: Peer, **message: Any) -> None:
        """Sends a message; while an event waits for its handler, the model waits too."""
        if peer.waiting:
            peer.waiting.append(message)
        else:
            self.apply(peer, message)
        self.perform(peer, peer.connection.session.receive(*peer.encode(message)))

    def apply(self, peer: Peer, message: dict[str, Any]) -> None:
        if message["type"] != "event":
            peer.succeeded = message.get("ackId", peer.succeeded)
        match message["type"]:
            case "joinGroup":
                peer.groups.add(message["group"])
            case "leaveGroup":
                peer.groups.discard(message["group"])
            case "event":
                peer.waiting.append(message)
            case "sendToGroup":
                expires_at = self.now + (message["ttlSeconds"] or float("inf"))
                for receiver in self.all:
                    echo = receiver is peer and message["noEcho"]
                    if message["group"] in receiver.groups and not echo:
                        receiver.expect(int(message["data"]), expires_at)

    def apply_waiting(self, peer: Peer) -> None:
        """What waited behind an event happens now, up to the next event."""
        waiting, peer.waiting = peer.waiting[1:], []
        for index, message in enumerate(waiting):
            self.apply(peer, message)
            if peer.waiting:
                peer.waiting += waiting[index + 1 :]
                return

    @rule(target=peers, kind=st.sampled_from(KINDS))
    def connect(self, kind: Kind) -> Peer:
        self.connects += 1
        peer = Peer(self.connects, kind)
        self.hub.add(peer.connection)
        self.all.append(peer)
        return peer

    @rule(peer=peers, group=GROUPS, kind=st.sampled_from(["joinGroup", "leaveGroup"]))
    def change(self, peer: Peer, group: str, kind: str) -> None:
        if peer.connected and not peer.simple:
            self.say(peer, type=kind, group=group, ackId=self.ack_id(peer))

    @rule(peer=peers, group=GROUPS, member=st.booleans())
    def the_server_changes_a_membership(self, peer: Peer, group: str, member: bool) -> None:
        if peer.gone:
            return
        if member:
            self.hub.join(peer.connection, group)
            peer.groups.add(group)
        else:
            self.hub.leave(peer.connection, group)
            peer.groups.discard(group)

    @rule(peer=peers, group=GROUPS, no_echo=st.booleans(), times=st.integers(1, 3), ttl=st.sampled_from([0, 0, 1, 5]))
    def publish(self, peer: Peer, group: str, no_echo: bool, times: int, ttl: int) -> None:
        if not peer.connected or peer.kind == "event":
            return
        if peer.simple:
            group, no_echo, ttl = SIMPLE_GROUP, peer.kind.endswith("noEcho"), 0
        for _ in range(times):
            self.sent += 1
            fields = {"group": group, "noEcho": no_echo, "ttlSeconds": ttl, **text(self.sent)}
            self.say(peer, type="sendToGroup", ackId=self.ack_id(peer), **fields)

    @rule(seconds=st.sampled_from([0.5, 1, 4]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(peer=peers)
    def publish_again_under_the_same_ack_id(self, peer: Peer) -> None:
        if peer.connected and not peer.simple and peer.succeeded and not peer.waiting:
            repeated = {"type": "sendToGroup", "group": "a", "ackId": peer.succeeded, **text(-1)}
            self.perform(peer, peer.connection.session.receive(*peer.encode(repeated)))
            assert peer.wire.acks[-1]["success"] is False

    @rule(peer=peers)
    def call_the_handler(self, peer: Peer) -> None:
        if peer.connected and not peer.kind.startswith("sendToGroup"):
            self.say(peer, type="event", event="e", ackId=self.ack_id(peer), **text(0))

    @rule(peer=peers, answer=st.sampled_from(["reply", "nothing", "failure"]))
    def the_handler_answers(self, peer: Peer, answer: str) -> None:
        if not peer.waiting or peer.gone:
            return
        session = peer.connection.session
        if answer == "failure":
            if not peer.simple:
                self.apply_waiting(peer)
            self.perform(peer, session.handler_failed())
            return
        peer.succeeded = peer.waiting[0]["ackId"]
        reply = None
        if answer == "reply":
            self.sent += 1
            reply = Content("json", b"%d" % self.sent)
            peer.expect(self.sent, float("inf"))
        self.apply_waiting(peer)
        self.perform(peer, session.handler_answered(reply))

    @rule(peer=peers, count=st.integers(1, 4))
    def read(self, peer: Peer, count: int) -> None:
        peer.take(count)

    @rule(peer=peers, count=st.integers(0, 2))
    def acknowledge(self, peer: Peer, count: int) -> None:
        if peer.connected and not peer.simple:
            peer.take(count)
            self.say(peer, type="sequenceAck", sequenceId=peer.highest)

    @rule(peer=peers)
    def lose_the_socket(self, peer: Peer) -> None:
        if peer.reliable:
            peer.wire.messages.clear()
            peer.connection.outlet = None

    @rule(peer=peers)
    def recover(self, peer: Peer) -> None:
        if not peer.reliable or peer.gone:
            return
        peer.wire = Wire(peer.kind)
        peer.connection.outlet = peer.wire
        peer.come_back(self.now)
        peer.wire.replay(peer.connection.session.recovered(self.now))

    @rule(peer=consumes(peers))
    def leave_for_good(self, peer: Peer) -> None:
        if not peer.gone:
            self.remove(peer)

    @invariant()
    def clients_see_exactly_what_they_should_under_the_numbers_they_should(self) -> None:
        for peer in self.all:
            expected = [(message.number, message.value) for message in peer.expected]
            if peer.connected:
                assert peer.would_see() == expected
            else:
                assert peer.seen == expected[: len(peer.seen)]

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
