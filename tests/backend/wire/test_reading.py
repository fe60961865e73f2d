"""Decoding untrusted input: any header, body or id results in a value or a refusal, never in a fault."""

import base64
import json

import azure.functions as func
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.adapters.tables.keys import TIME_END, ascending, descending, from_behind, key
from shared.http.parameters import read
from shared.http.webhook import EVENT
from shared.model.clock import SECOND
from shared.model.errors import BadRequest, Forbidden, Refusal
from shared.model.text.emoji import one_emoji
from shared.model.text.names import hinted_name, tidy_name
from shared.trust.abuse_protection import allowed_origin
from shared.wire import connection_state
from shared.wire.chat_events import ChatCreated, Error, MemberLeft, UserOffline
from shared.wire.cloudevents import CloudEvent, EventHeaders, read_connect, read_event
from shared.wire.connection_state import ConnectionState
from shared.wire.events import FROM_BROWSER
from shared.wire.payloads import decode, envelope, subject
from tests.backend.function_calls import event_headers
from tests.backend.stage import new_id
from tests.conftest import ROOT

HEADERS = [name.lower() for name in event_headers("x", "u", "c")]
# A time in seconds has fewer than twelve digits of ASCII.
ODD_NUMBERS = ("", "-1", "1e9", " 7", "\u0661\u0662", "9" * 12, "0x10")
NAMES = [event.name for event in FROM_BROWSER]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["id", "chatId", "message", "name"]), inner),
)


def received(headers: dict[str, str], body: bytes) -> CloudEvent:
    """The event in a call of the webhook."""
    head, content = read(func.HttpRequest("POST", "/", headers=headers, body=body), EVENT)
    assert isinstance(head, EventHeaders) and isinstance(content, bytes)
    return read_event(head, content)


@given(st.dictionaries(st.sampled_from(HEADERS), st.text(max_size=20)), st.binary(max_size=50))
def test_any_headers_are_an_event_or_refused(headers: dict[str, str], body: bytes) -> None:
    good = {name.lower(): value for name, value in event_headers("joinChat", "u", "c").items()}
    try:
        event = received({**good, **headers}, body)
    except BadRequest:
        return
    assert event.connection_id and event.hub and "/" not in event.user_id


@pytest.mark.parametrize("missing", ["ce-type", "ce-hub", "ce-connectionId"])
def test_a_missing_header_is_named(missing: str) -> None:
    headers = {name.lower(): value for name, value in event_headers("joinChat", "u", "c").items() if name != missing}
    with pytest.raises(BadRequest, match=missing.lower()):
        received(headers, b"")


@given(st.sampled_from(NAMES), st.sampled_from(["application/json", "text/plain", ""]), st.binary(max_size=200))
def test_any_bytes_are_an_event_or_refused(name: str, content_type: str, body: bytes) -> None:
    try:
        decode(name, content_type, body)
    except Refusal as refusal:
        assert refusal.code == "BadRequest" and name in str(refusal)
    assert subject(body) is None or len(str(subject(body))) <= 128


@given(st.sampled_from(NAMES), JSON)
def test_any_json_is_an_event_or_refused(name: str, data: object) -> None:
    try:
        decode(name, "application/json", json.dumps(data).encode())
    except Refusal as refusal:
        assert refusal.code == "BadRequest"


CLAIMS = st.dictionaries(st.sampled_from(["iat", "sub", "role", ""]), st.lists(st.text(max_size=12), max_size=3))


@given(CLAIMS)
def test_the_claims_of_a_connect_body_are_read_and_those_we_do_not_know_do_no_harm(
    claims: dict[str, list[str]],
) -> None:
    assert read_connect(json.dumps({"claims": claims, "query": {"x": [1]}}).encode()).claims == claims


@given(
    st.binary(max_size=60)
    | (JSON | JSON.map(lambda data: {"claims": data})).map(lambda data: json.dumps(data).encode())
)
@example(b'{"claims": {"iat": "1"}}')
@example(b'{"claims": {"iat": [1]}}')
@example(b'{"claims": [["iat", ["1"]]]}')
def test_a_connect_body_that_is_no_object_with_lists_of_texts_as_claims_is_refused(body: bytes) -> None:
    try:
        claims = read_connect(body).claims
    except BadRequest:
        return
    assert claims == (json.loads(body).get("claims", {}) if body else {})
    assert all(isinstance(each, list) and all(isinstance(text, str) for text in each) for each in claims.values())


@pytest.mark.parametrize(
    ("issued", "moment"),
    [(["1700000000"], 1_700_000_000 * SECOND), (["7", "8"], 7 * SECOND), *(([one], 0) for one in ODD_NUMBERS), ([], 0)],
)
def test_when_a_token_was_made_is_0_unless_it_says_so_in_a_number(issued: list[str], moment: int) -> None:
    assert read_connect(json.dumps({"claims": {"iat": issued}}).encode()).issued == moment


MOMENT = st.integers(0, 2**62 - 1)


@given(st.builds(ConnectionState, MOMENT, MOMENT, MOMENT, MOMENT, st.lists(MOMENT, max_size=5).map(tuple)))
def test_a_connection_state_is_read_as_it_was_written(state: ConnectionState) -> None:
    assert connection_state.read(connection_state.write(state)) == state


@given(st.text(max_size=60) | JSON.map(lambda data: base64.b64encode(json.dumps(data).encode()).decode()))
def test_a_connection_state_that_is_not_ours_is_that_of_a_new_connection(state: str) -> None:
    assert connection_state.read(state) == connection_state.NEW


def test_a_text_event_may_come_as_text_or_as_a_json_string() -> None:
    chat_id = new_id()
    as_text = decode("joinChat", "text/plain; charset=utf-8", chat_id.encode())
    assert decode("JOINCHAT", "application/json", f'"{chat_id}"'.encode()) == as_text


def test_a_refusal_names_the_field_and_never_quotes_the_value() -> None:
    with pytest.raises(BadRequest) as raised:
        decode("saveMessage", "application/json", b'{"chatId": "hush hush", "id": "x", "message": "y"}')
    assert "`chatId`" in str(raised.value) and "hush" not in str(raised.value)
    with pytest.raises(BadRequest, match="`message`"):
        decode("saveMessage", "application/json", b'{"chatId": "x", "id": "%s"}' % new_id().encode())


def test_what_browsers_hear_is_json_or_plain_text_with_words_for_simple_clients() -> None:
    assert envelope(UserOffline("u1")) == {"chatEvent": "userOffline", "data": "u1"}
    chat = ChatCreated("c", "Tea", "", "private", {})
    data = '{"id":"c","name":"Tea","owner":"","kind":"private","members":{}}'
    assert envelope(chat) == {"chatEvent": "chatCreated", "data": data}
    assert envelope(MemberLeft("c", "u", "<i>", True))["message"] == "&lt;i&gt; was removed from the chat"
    assert envelope(Error("joinChat", "ChatNotFound", "No."))["data"].count('"id"') == 0


KEYS = st.text(max_size=140)


@given(KEYS, KEYS)
def test_different_texts_have_different_legal_keys(one: str, other: str) -> None:
    assert (key(one) == key(other)) == (one == other)
    assert len(key(one)) <= 400
    assert all(character.isascii() and (character.isalnum() or character in "_.-=") for character in key(one))


@given(KEYS.filter(bool), KEYS)
def test_the_start_of_a_range_after_a_key_sorts_before_all_longer_keys(text: str, more: str) -> None:
    assert key(text) < from_behind(text) <= key(text) + "-"
    assert from_behind("") <= key(more) or not more


@given(st.integers(0, TIME_END), st.integers(0, TIME_END))
def test_times_are_in_order_as_text(one: int, other: int) -> None:
    assert (ascending(one) < ascending(other)) == (one < other) == (descending(one) > descending(other))


PICTURES = ["👍", "❤", "❤️", "👍🏽", "🎉", "1️⃣", "#⃣", "🇩🇪", "©", "🅰️", "\U0001fae8", "\U0001faea"]
JOINED = ["🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏳️‍⚧️", "👁️‍🗨️", "🧑🏽‍❤️‍💋‍🧑🏻", "👨‍👩‍👧‍👦"]
WORDS = ["", " ", "a", "ok", "1", "#", "é", "你", "👍a", "a👍", "👍 ", "👍\n", ":)", "🄰"]
HALVES = ["👍👍", "🇩", "🇩🇪🇫🇷", "👍\u200d", "\u200d👍", "🏽", "👍🏽🏽", "\ufe0f", "👩\u200da", "\u200d".join(["👩"] * 9)]


@pytest.mark.parametrize("emoji", [*PICTURES, *JOINED])
def test_an_emoji_is_one_however_many_code_points_it_takes_and_has_one_form(emoji: str) -> None:
    form = one_emoji(emoji, "emoji")
    assert one_emoji(form, "emoji") == form
    assert one_emoji(emoji.replace("\ufe0f", ""), "emoji") == form


@pytest.mark.parametrize(
    ("emoji", "form"),
    [("❤", "❤️"), ("❤️", "❤️"), ("👍️", "👍"), ("1⃣", "1️⃣"), ("✌🏽", "✌🏽"), ("👁‍🗨", "👁️‍🗨️"), ("🤷🏽‍♂", "🤷🏽‍♂️")],
)
def test_an_emoji_is_kept_as_a_picture(emoji: str, form: str) -> None:
    assert one_emoji(emoji, "emoji") == form


def test_every_emoji_that_the_page_offers_has_one_form() -> None:
    data = ROOT / "frontend/node_modules/emoji-picker-element-data/en/emojibase/data.json"
    offered = [emoji["emoji"] for emoji in json.loads(data.read_text()) if emoji.get("group") != 2]
    forms = [one_emoji(emoji, "emoji") for emoji in offered]
    assert len(set(forms)) == len(offered) > 1_000
    assert [one_emoji(form.replace("\ufe0f", ""), "emoji") for form in forms] == forms


@pytest.mark.parametrize("text", [*WORDS, *HALVES])
def test_what_is_not_one_emoji_is_refused_by_the_name_of_its_field(text: str) -> None:
    with pytest.raises(BadRequest, match="react: `emoji` must be a single emoji"):
        body = {"chatId": "c", "id": new_id(), "emoji": text, "on": True}
        decode("react", "application/json", json.dumps(body).encode())


@given(st.text(st.characters(categories=["L", "N", "P", "Z", "C"], exclude_characters="ℹ‼⁉〰"), min_size=1))
def test_no_letters_digits_or_words_are_an_emoji(text: str) -> None:
    with pytest.raises(ValueError, match="`emoji`"):
        one_emoji(text, "emoji")


@given(st.text())
def test_a_hinted_name_is_always_a_name(text: str) -> None:
    name = hinted_name(text, "Someone")
    assert tidy_name(name, 50, "userName") == name


@pytest.mark.parametrize("endpoint", ["https://x.webpubsub.azure.com", "http://localhost:8080"])
def test_only_our_own_service_passes_abuse_protection(endpoint: str) -> None:
    host = endpoint.partition("://")[2]
    for asked in (host, host.partition(":")[0], host.upper()):
        assert allowed_origin(asked, [endpoint]) == asked
    for asked in ("", "*", "evil.net", f"{host}.evil.net", f"evil.net {host}", endpoint):
        with pytest.raises(Forbidden):
            allowed_origin(asked, [endpoint])
