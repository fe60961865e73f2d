"""Section 4.2: streams to a group, as the JavaScript SDK 1.1.0 sends them and the client specification names them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.configuration import Settings
from emulator.limits import PUBLISHED
from emulator.protocol.effects import AwaitStream, Effect, ForgetStream, Publish, Write
from emulator.protocol.json_responses import notice
from emulator.protocol.messages import Content, EndStream, StartStream, StreamData
from emulator.protocol.streams import Streams
from tests.emulator.clients import PROTOBUF, RELIABLE, Client, claim, connected, recovered, simple
from tests.emulator.conftest import QUICK, StandIn, Start
from tests.emulator.losing import lost


async def opened(client: Client, stream_id: str = "s", **options: Any) -> None:
    stream = {"streamId": stream_id, **options.pop("stream", {})}
    answer = await client.ask(type="sendToGroup", group="g", stream=stream, **options)
    assert answer == {"type": "streamAck", "streamId": stream_id, "expectedSequenceId": 1}


def fragment(sequence_id: int, data: Any, data_type: str = "text") -> dict[str, Any]:
    return {
        "type": "streamData",
        "streamId": "s",
        "streamSequenceId": sequence_id,
        "dataType": data_type,
        "data": data,
    }


def error_of(answer: dict[str, Any]) -> str:
    assert (answer["type"], answer["streamId"]) == ("streamClosed", "s")
    assert answer["error"]["message"]
    return str(answer["error"]["name"])


async def test_fragments_reach_members_as_group_messages_with_their_place(endpoint: str) -> None:
    async with connected(endpoint, sub="u1") as publisher, connected(endpoint) as member:
        await member.join("g")
        await opened(publisher)
        for number, (data_type, data) in enumerate([("text", "hi"), ("json", {"a": 1}), ("binary", "AP8=")], 1):
            answer = await publisher.ask(**fragment(number, data, data_type))
            assert answer == {"type": "streamAck", "streamId": "s", "expectedSequenceId": number + 1}
            assert await member.receive() == {
                "type": "message",
                "from": "group",
                "group": "g",
                "fromUserId": "u1",
                "dataType": data_type,
                "data": data,
                "stream": {"streamId": "s", "streamSequenceId": number},
            }
        assert await publisher.ask(type="streamEnd", streamId="s") == {"type": "streamClosed", "streamId": "s"}
        last = await member.receive()
        assert last["stream"] == {"streamId": "s", "streamSequenceId": 4, "endOfStream": True}
        # The JavaScript SDK drops a message without data type, and passes over empty text.
        assert (last["dataType"], last["data"]) == ("text", "")


async def test_an_end_with_an_error_is_told_as_the_users(endpoint: str) -> None:
    async with connected(endpoint) as publisher, connected(endpoint) as member:
        await member.join("g")
        await opened(publisher)
        fault = {"message": "given up", "userErrorCode": "E1"}
        await publisher.send(type="streamEnd", streamId="s", error=fault)
        assert (await member.receive())["stream"]["error"] == {"name": "UserError", **fault}
        assert await publisher.receive() == {"type": "streamClosed", "streamId": "s"}


async def test_no_echo_holds_for_fragments_and_end(endpoint: str) -> None:
    async with connected(endpoint) as publisher:
        await publisher.join("g")
        await opened(publisher, noEcho=True)
        assert (await publisher.ask(**fragment(1, "hi")))["type"] == "streamAck"
        assert (await publisher.ask(type="streamEnd", streamId="s"))["type"] == "streamClosed"
        await opened(publisher)
        assert (await publisher.ask(**fragment(1, "hi")))["type"] == "message"


async def test_a_fragment_that_came_before_is_acknowledged_and_not_published_again(endpoint: str) -> None:
    async with connected(endpoint) as publisher, connected(endpoint) as member:
        await member.join("g")
        await opened(publisher)
        for _ in range(2):
            assert (await publisher.ask(**fragment(1, "one")))["expectedSequenceId"] == 2
        assert (await member.receive())["data"] == "one"
        await member.silent()


async def test_a_fragment_before_its_time_is_refused_and_the_stream_stays(endpoint: str) -> None:
    async with connected(endpoint) as publisher, connected(endpoint) as member:
        await member.join("g")
        await opened(publisher)
        answer = await publisher.ask(**fragment(2, "two"))
        assert (answer["type"], answer["name"], answer["expectedSequenceId"]) == ("streamNack", "InvalidSequenceId", 1)
        assert (await publisher.ask(**fragment(1, "one")))["expectedSequenceId"] == 2
        assert (await member.receive())["data"] == "one"


async def test_a_keepalive_is_told_to_nobody(endpoint: str) -> None:
    async with connected(endpoint) as publisher, connected(endpoint) as member:
        await member.join("g")
        await opened(publisher)
        await publisher.send(type="streamData", streamId="s")
        await publisher.silent()
        await member.silent()


@pytest.mark.parametrize(
    "message", [fragment(1, "hi"), {"type": "streamData", "streamId": "s"}, {"type": "streamEnd", "streamId": "s"}]
)
async def test_an_unknown_stream_is_not_found(endpoint: str, message: dict[str, Any]) -> None:
    async with connected(endpoint) as publisher:
        assert error_of(await publisher.ask(**message)) == "StreamNotFound"


async def test_streams_belong_to_their_connection(endpoint: str) -> None:
    async with connected(endpoint) as publisher, connected(endpoint) as other:
        await opened(publisher)
        assert error_of(await other.ask(**fragment(1, "hi"))) == "StreamNotFound"
        await opened(other)


async def test_an_id_may_be_used_again_after_the_end(endpoint: str) -> None:
    async with connected(endpoint) as publisher:
        for _ in range(2):
            await opened(publisher)
            await publisher.ask(type="streamEnd", streamId="s")


@pytest.mark.parametrize(
    "opening",
    [
        {"stream": {"streamId": "s", "idleTimeoutMs": 0}},
        {"stream": {"streamId": "s", "idleTimeoutMs": -1}},
        {"stream": {"streamId": "s"}, "data": 1},
        {"stream": {"streamId": "s"}, "dataType": "text"},
    ],
)
async def test_an_impossible_start_closes_the_stream_alone(endpoint: str, opening: dict[str, Any]) -> None:
    async with connected(endpoint) as publisher:
        assert error_of(await publisher.ask(type="sendToGroup", group="g", **opening)) == "BadRequest"
        await opened(publisher)


async def test_a_second_start_under_the_same_id_is_a_bad_request(endpoint: str) -> None:
    async with connected(endpoint) as publisher:
        await opened(publisher)
        assert error_of(await publisher.ask(type="sendToGroup", group="g", stream={"streamId": "s"})) == "BadRequest"


async def test_the_number_of_open_streams_is_bounded(endpoint: str) -> None:
    async with connected(endpoint) as publisher:
        for number in range(PUBLISHED.open_streams):
            await opened(publisher, str(number))
        assert error_of(await publisher.ask(type="sendToGroup", group="g", stream={"streamId": "s"})) == "BadRequest"


async def test_a_stream_needs_the_role_at_its_start(endpoint: str) -> None:
    async with connected(endpoint, role="webpubsub.sendToGroup.other") as publisher:
        assert error_of(await publisher.ask(type="sendToGroup", group="g", stream={"streamId": "s"})) == "Forbidden"


async def test_a_revoked_role_ends_the_stream_for_everybody(emulator: StandIn) -> None:
    async with connected(emulator.endpoint) as publisher, connected(emulator.endpoint) as member:
        await member.join("g")
        await opened(publisher)
        connection = emulator.server.service.hub("chat").connections[publisher.id]
        connection.session.permissions["sendToGroup"].revoke("g")
        assert error_of(await publisher.ask(**fragment(1, "hi"))) == "Forbidden"
        assert (await member.receive())["stream"]["error"]["name"] == "Forbidden"


BAD = [
    ({"type": "sendToGroup", "group": "g", "stream": {}}, "streamId"),
    ({"type": "sendToGroup", "group": "g", "stream": {"streamId": ""}}, "streamId"),
    ({"type": "sendToGroup", "group": "g", "stream": {"streamId": "s" * 1025}}, "streamId"),
    ({"type": "sendToGroup", "group": "g", "stream": {"streamId": "s", "idleTimeoutMs": "1"}}, "idleTimeoutMs"),
    ({"type": "sendToGroup", "group": " ", "stream": {"streamId": "s"}}, "group"),
    ({"type": "streamData"}, "streamId"),
    ({"type": "streamData", "streamId": "s", "streamSequenceId": 1}, "data"),
    ({"type": "streamData", "streamId": "s", "data": 1, "dataType": "json"}, "streamSequenceId"),
    ({"type": "streamData", "streamId": "s", "streamSequenceId": 1, "data": 1}, "dataType"),
    (fragment(0, "hi"), "streamSequenceId"),
    (fragment(1, 5), "data"),
    ({"type": "streamEnd", "streamId": "s", "error": "text"}, "error"),
]


@pytest.mark.parametrize(("message", "named"), BAD)
async def test_bad_input_closes_with_1007_and_names_the_field(
    endpoint: str, message: dict[str, Any], named: str
) -> None:
    async with connected(endpoint) as publisher:
        await publisher.send(**message)
        code, reason = await publisher.closed()
        assert code == 1007
        assert named in reason


async def test_an_idle_stream_ends_for_everybody(endpoint: str) -> None:
    async with connected(endpoint) as publisher, connected(endpoint) as member:
        await member.join("g")
        await opened(publisher, stream={"idleTimeoutMs": 1})
        assert error_of(await publisher.receive()) == "IdleTimeout"
        assert (await member.receive())["stream"] == {
            "streamId": "s",
            "streamSequenceId": 1,
            "endOfStream": True,
            "error": {"name": "IdleTimeout", "message": "Nothing was sent within the idle time"},
        }


async def test_members_are_told_when_the_publisher_goes(endpoint: str) -> None:
    async with connected(endpoint) as publisher, connected(endpoint) as member:
        await member.join("g")
        await opened(publisher)
        await publisher.ask(**fragment(1, "hi"))
        assert (await member.receive())["data"] == "hi"
        await publisher.socket.close()
        position = (await member.receive())["stream"]
        assert (position["streamSequenceId"], position["endOfStream"]) == (2, True)
        assert position["error"]["name"] == "Cancelled"


async def test_clients_without_a_place_for_streams_get_the_data_alone(endpoint: str) -> None:
    member = claim("webpubsub.group", "g")
    async with (
        connected(endpoint) as publisher,
        connected(endpoint, PROTOBUF, **member) as protobuf,
        simple(endpoint, **member) as raw,
    ):
        await opened(publisher)
        await publisher.ask(**fragment(1, "one"))
        await publisher.ask(type="streamEnd", streamId="s")
        await publisher.send(type="sendToGroup", group="g", data="two", dataType="text")
        assert [(await protobuf.receive())["data"] for _ in range(2)] == ["one", "two"]
        assert [await raw.receive() for _ in range(2)] == ["one", "two"]


async def test_a_stream_outlives_the_lost_socket_of_a_reliable_client(emulator: StandIn) -> None:
    async with (
        connected(emulator.endpoint, RELIABLE) as publisher,
        connected(emulator.endpoint, RELIABLE) as member,
    ):
        await member.join("g")
        await opened(publisher)
        await publisher.ask(**fragment(1, "one"))
        await lost(emulator, publisher)
        async with recovered(emulator.endpoint, publisher) as again:
            # Official clients go on with their streams when they are greeted again, and keep the token they are given.
            assert await again.receive() == publisher.hello
            assert (await again.ask(**fragment(1, "one")))["expectedSequenceId"] == 2
            assert (await again.ask(**fragment(2, "two")))["expectedSequenceId"] == 3
        assert [(await member.receive())["data"] for _ in range(2)] == ["one", "two"]


async def test_without_streams_a_recovered_client_is_not_greeted_again(emulator: StandIn) -> None:
    async with connected(emulator.endpoint, RELIABLE) as publisher:
        await opened(publisher)
        await publisher.ask(type="streamEnd", streamId="s")
        await lost(emulator, publisher)
        async with recovered(emulator.endpoint, publisher) as again:
            await again.silent()


async def test_nothing_is_left_of_streams_that_ended(start: Start) -> None:
    emulator = await start(Settings(limits=QUICK))
    async with connected(emulator.endpoint) as publisher:
        await opened(publisher)
        await publisher.ask(type="streamEnd", streamId="s")
        assert emulator.server.service._idle_streams == {publisher.id: {}}
        await opened(publisher)
        await publisher.socket.close()
        await emulator.log.holds("ended")
    assert emulator.server.service._idle_streams == {}


class Publisher:
    """A publisher as the client specification has it: keeps what is not acknowledged, starts over from there."""

    def __init__(self, streams: Streams, count: int) -> None:
        self.streams = streams
        self.fragments = range(1, count + 1)
        self.next = self.acknowledged = 1
        self.heard: list[tuple[int, bytes, bool]] = []
        self.awaited = False

    def say(self, effects: list[Effect], *, answered: bool) -> None:
        """Performs the effects; without ``answered`` what the publisher is told gets lost."""
        for effect in effects:
            match effect:
                case Publish(message, _, _, answer) if message.stream is not None:
                    self.heard.append((message.stream.sequence_id, message.content.payload, message.stream.end))
                    if answered and answer:
                        self.told(answer)
                case Write(told) if answered and b"expectedSequenceId" in told:
                    self.told(told)
                case AwaitStream():
                    self.awaited = True
                case ForgetStream():
                    self.awaited = False

    def told(self, acknowledgement: bytes) -> None:
        self.acknowledged = int(acknowledgement.rpartition(b":")[2].rstrip(b"}"))

    def send(self, arrives: bool, answered: bool) -> None:
        """The next fragment, or none when all are sent."""
        if self.next in self.fragments:
            data = StreamData("s", self.next, Content("text", b"%d" % self.next))
            if arrives:
                self.say(self.streams.data(data), answered=answered)
            self.next += 1

    def start_over(self) -> None:
        self.next = self.acknowledged


@given(st.integers(0, 6), st.lists(st.sampled_from(["send", "lose", "unanswered", "start over", "keepalive"])))
def test_members_hear_every_fragment_once_and_in_order_whatever_is_lost(count: int, steps: list[str]) -> None:
    publisher = Publisher(Streams("u", notice, lambda _: True, PUBLISHED.open_streams), count)
    publisher.say(publisher.streams.start(StartStream("s", "g")), answered=True)
    for step in steps:
        match step:
            case "send":
                publisher.send(arrives=True, answered=True)
            case "lose":
                publisher.send(arrives=False, answered=False)
            case "unanswered":
                publisher.send(arrives=True, answered=False)
            case "start over":
                publisher.start_over()
            case "keepalive":
                publisher.say(publisher.streams.data(StreamData("s")), answered=True)
    too_early = StreamData("s", count + 2, Content("text", b"never"))
    publisher.say(publisher.streams.data(too_early), answered=True)
    while publisher.acknowledged <= count:
        publisher.start_over()
        for _ in publisher.fragments:
            publisher.send(arrives=True, answered=True)
    assert publisher.awaited
    publisher.say(publisher.streams.end(EndStream("s")), answered=True)
    assert not publisher.awaited
    whole = [(number, b"%d" % number, False) for number in range(1, count + 1)]
    assert publisher.heard == [*whole, (count + 1, b"", True)]
    assert publisher.streams.abandon() == []
