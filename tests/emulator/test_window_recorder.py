"""What the window keeps is bounded, however much happens, and a reader knows what it missed."""

from hypothesis import given
from hypothesis import strategies as st

from emulator.connection import Connection
from emulator.hub import Hub
from emulator.observer import Attempt, SentMessage
from emulator.protocol.json_codec import JsonCodec
from emulator.protocol.messages import Content
from emulator.protocol.permissions import Permissions
from emulator.protocol.session import Session
from emulator.window import snapshot
from emulator.window.recorder import (
    BINARY_MAX_BYTES,
    CONTENT_MAX_BYTES,
    ENTRIES_PER_PERIOD,
    KEPT,
    RATE_PERIOD_SECONDS,
    Recorder,
)
from emulator.window.stream import View

TEXT = Content("text", b"x")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def say(recorder: Recorder, times: int = 1, content: Content = TEXT) -> None:
    for _ in range(times):
        recorder.sent(SentMessage("chat", "server", ("all", ""), content, {}, lambda: 0))


def call(event: str = "e") -> Attempt:
    headers = {"ce-hub": "chat", "ce-eventName": event, "ce-connectionId": "c", "ce-id": "1"}
    return Attempt("http://localhost/", headers, 1)


def connection(number: int) -> Connection:
    session = Session(f"c{number}", f"user {number}", Permissions(), JsonCodec(), "json.webpubsub.azure.v1")
    return Connection(session, "chat")


def test_a_text_that_is_cut_ends_between_two_characters() -> None:
    recorder = Recorder(Clock())
    say(recorder, content=Content("text", b"x" + "\N{GRINNING FACE}".encode() * CONTENT_MAX_BYTES))
    (row,), _ = recorder.messages.since(0)
    assert row["content"] == "x" + "\N{GRINNING FACE}" * ((CONTENT_MAX_BYTES - 1) // 4) and not row["whole"]


def test_of_a_flood_some_is_shown_and_the_rest_is_counted() -> None:
    clock = Clock()
    recorder = Recorder(clock)
    say(recorder, 1000)
    assert [len(recorder.messages.since(0)[0]), recorder.messages.since(0)[1]] == [
        ENTRIES_PER_PERIOD,
        1000 - ENTRIES_PER_PERIOD,
    ]
    clock.now += RATE_PERIOD_SECONDS
    say(recorder)
    rows, missed = recorder.messages.since(1000)
    assert [row["id"] for row in rows] == [1001] and missed == 0


@given(st.lists(st.integers(0, 400), max_size=12))
def test_what_was_read_and_what_was_missed_is_everything(bursts: list[int]) -> None:
    clock = Clock()
    recorder = Recorder(clock)
    seen = read = missed = 0
    for burst in bursts:
        say(recorder, burst)
        clock.now += RATE_PERIOD_SECONDS
        if burst % 3:
            rows, more = recorder.messages.since(seen)
            assert len(rows) <= KEPT
            seen, read, missed = recorder.messages.last, read + len(rows), missed + more
    rows, more = recorder.messages.since(seen)
    assert read + len(rows) + missed + more == sum(bursts)


def test_the_content_of_a_message_is_cut() -> None:
    recorder = Recorder(Clock())
    say(recorder, 1, Content("text", "€".encode() * CONTENT_MAX_BYTES))
    say(recorder, 1, Content("binary", bytes(CONTENT_MAX_BYTES)))
    text, binary = recorder.messages.since(0)[0]
    assert len(text["content"]) < CONTENT_MAX_BYTES and text["size"] == 3 * CONTENT_MAX_BYTES
    assert binary["content"] == " ".join(["00"] * BINARY_MAX_BYTES)
    assert not text["whole"] and not binary["whole"]


def test_a_call_that_was_shown_to_begin_is_shown_to_end_in_a_flood_too() -> None:
    recorder = Recorder(Clock())
    shown, not_shown = call("shown"), call("not shown")
    recorder.attempted(shown)
    for _ in range(ENTRIES_PER_PERIOD):
        recorder.attempted(call())
    recorder.attempted(not_shown)
    for one in (shown, not_shown):
        one.status = 204
        recorder.attempted(one)
    rows, missed = recorder.calls.since(0)
    assert [(row["event"], row["id"]) for row in rows if row["ended"]] == [("shown", 1)]
    assert missed == 2


def test_of_very_many_the_newest_are_shown_and_all_are_counted() -> None:
    hub = Hub("chat")
    for number in range(2000):
        one = connection(number)
        hub.add(one)
        hub.join(one, "all")
        hub.join(one, f"g{number}")
    seen = snapshot.take_snapshot([hub], {}, "", "")
    assert (len(seen.connections), seen.connections_in_all) == (snapshot.CONNECTIONS_SHOWN, 2000)
    assert (len(seen.groups), seen.groups_in_all) == (snapshot.GROUPS_SHOWN, 2001)
    assert "c1999" in seen.connections and "c0" not in seen.connections
    everybody = snapshot.take_snapshot([hub], {}, "", "all").groups["chat", "all"]
    assert (everybody.count, len(everybody.members)) == (2000, snapshot.MEMBERS_SHOWN)


def test_long_names_are_cut_where_they_are_only_shown() -> None:
    session = Session("c", "u" * 100_000, Permissions(), JsonCodec(), None)
    one, hub = Connection(session, "chat"), Hub("chat")
    hub.add(one)
    for number in range(1000):
        hub.join(one, f"{number}" + "g" * 1000)
    row = snapshot.take_snapshot([hub], {}, "", "").connections["c"]
    assert len(row.user or "") <= 201 and len(row.groups) == snapshot.GROUPS_OF_A_CONNECTION_SHOWN
    assert row.more_groups == 980 and all(len(group) <= 201 for group in row.groups)


def test_long_names_are_cut_in_what_was_said_and_called_too() -> None:
    recorder, name = Recorder(Clock()), "u" * 50_000
    sender = Connection(Session("c", name, Permissions(), JsonCodec(), None), "chat")
    recorder.sent(SentMessage("chat", sender, ("user", name), TEXT, {}, lambda: 0))
    called = call()
    called.headers = {**called.headers, "ce-userId": name}
    recorder.attempted(called)
    [said], [row] = recorder.messages.since(0)[0], recorder.calls.since(0)[0]
    assert all(len(shown) == 201 for shown in (said["from"]["user"], said["to"][1], row["user"]))


def test_what_changed_between_two_snapshots_is_all_that_is_told() -> None:
    hub = Hub("chat")
    one, other = connection(1), connection(2)
    hub.add(one)
    before = snapshot.take_snapshot([hub], {}, "", "")
    assert snapshot.changes(before, snapshot.take_snapshot([hub], {}, "", "")) == {}
    hub.add(other)
    hub.remove(one)
    told = snapshot.changes(before, snapshot.take_snapshot([hub], {}, "", ""))
    assert [row.id for row in told["connections"]["set"]] == ["c2"]
    assert told["connections"]["gone"] == ["c1"] and "groups" not in told and "hubs" not in told


def test_a_window_that_was_away_is_told_how_much_it_missed() -> None:
    class Nothing:
        settings = type("", (), {"handlers": {}})

        def hubs(self) -> list[Hub]:
            return []

    clock = Clock()
    recorder, view, service = Recorder(clock), View("", "", True), Nothing()
    say(recorder, 3)
    assert view.first(service, recorder)["messages"]["missed"] == 0  # type: ignore[arg-type]
    for _ in range(20):
        clock.now += RATE_PERIOD_SECONDS
        say(recorder, ENTRIES_PER_PERIOD)
    news = view.next(service, recorder)["messages"]  # type: ignore[arg-type]
    assert (len(news["set"]), news["missed"]) == (KEPT, 20 * ENTRIES_PER_PERIOD - KEPT)
