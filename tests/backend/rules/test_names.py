"""Names are what they look like, in any script: no invisible characters, no piles of marks, no addresses."""

import contextlib
import json
import unicodedata
from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.tables.chats import member_of
from shared.adapters.tables.memberships import membership_of
from shared.adapters.tables.table import Row
from shared.model import limits
from shared.model.errors import BadRequest
from shared.model.limits import CHAT_NAME_CHARACTERS, USER_NAME_CHARACTERS
from shared.model.text import invisible, names
from shared.model.text.invisible import is_invisible
from shared.model.text.names import MOST_MARKS, hinted_name, name_of_account, tidy_name, tidy_user_name
from shared.trust.guests import GuestName
from shared.wire.payloads import decode
from shared.wire.shapes import SearchQuery
from tests.backend.stage import new_id
from tests.conftest import ROOT

SCRIPTS: dict[str, list[str]] = json.loads((ROOT / "tests/names/legitimate.json").read_text())
LEGITIMATE = [unicodedata.normalize("NFC", name) for names in SCRIPTS.values() for name in names]
# All kinds of invisible characters: zero-width spaces, hyphens, joiners, direction marks, fillers, selectors, tags.
INVISIBLE = [chr(code) for code in range(0x110000) if is_invisible(chr(code)) and not 0xE0200 <= code < 0xE1000]


def user_name(text: str) -> str:
    return tidy_user_name(text, "userName")


def most_marks(name: str) -> int:
    """The most marks in a row, without looking at what stands between them and shows nothing."""
    most = row = 0
    for sign in name:
        if not is_invisible(sign):
            row = row + 1 if unicodedata.category(sign) in ("Mn", "Me") else 0
            most = max(most, row)
    return most


@pytest.mark.parametrize("name", LEGITIMATE)
def test_a_name_of_any_script_is_kept_as_it_is(name: str) -> None:
    assert user_name(name) == name == hinted_name(name, "?") == tidy_name(name, CHAT_NAME_CHARACTERS, "name")


def test_names_of_thirty_scripts_are_tried() -> None:
    assert len(SCRIPTS) >= 30 and len(INVISIBLE) > 400


def visible(name: str) -> str:
    return unicodedata.normalize("NFC", "".join(sign for sign in name if not is_invisible(sign)))


@given(st.sampled_from(LEGITIMATE), st.sampled_from(INVISIBLE), st.data())
def test_an_invisible_character_is_refused_or_has_no_visible_effect(
    name: str, invisible: str, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(name)))
    with_it = name[:at] + invisible + name[at:]
    names = [hinted_name(with_it, "?")]
    with contextlib.suppress(ValueError):
        names.append(user_name(with_it))
    assert {visible(one) for one in names} == {visible(name)}


@given(st.sampled_from(["Victim", "Ада Лавлейс", "O’Neill"]), st.sampled_from(INVISIBLE), st.integers(0, 6))
def test_no_invisible_character_gets_into_a_name_that_does_not_need_it(name: str, invisible: str, at: int) -> None:
    with_it = name[:at] + invisible + name[at:]
    assert hinted_name(with_it, "?") == name
    with pytest.raises(ValueError, match="`userName` must not contain invisible"):
        user_name(with_it)
    with pytest.raises(BadRequest, match="`name` must not contain invisible"):
        decode("createChat", "application/json", json.dumps({"id": new_id(), "name": with_it}).encode())


@given(
    st.text(
        st.sampled_from("aé \u0301\u0338\u20dd\u0e14\u0e47\u05e9\u05bc\u05c1\u05b8\u200b\u200d\ufe0f👩@.o"), max_size=60
    )
)
def test_no_letter_of_a_name_carries_more_than_the_most_marks(text: str) -> None:
    names = [hinted_name(text, "?")]
    with contextlib.suppress(ValueError):
        names.append(user_name(text))
    for name in names:
        assert most_marks(name) <= MOST_MARKS
        assert user_name(name) == name == hinted_name(name, "?")
        assert len(name) <= USER_NAME_CHARACTERS


@pytest.mark.parametrize("name", ["a\u0300\u0301\u0302", "é\u0301\u0302", "ด็็็็", "\u0301a", "a \u0301b", "\u20dd"])
def test_piles_of_marks_and_marks_on_nothing_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="`userName` must not have many combining marks"):
        user_name(name)
    assert user_name(hinted_name(name, "Someone else"))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ann  ", "Ann"),
        ("Ann\u2003\u00a0Lee", "Ann Lee"),
        ("Zoe\u0308", "Zoë"),
        ("Ann \u26a1\ufe0f", "Ann \u26a1"),
        ("Ann \u2764\ufe0f", "Ann \u2764\ufe0f"),
        ("\u212aim", "Kim"),
    ],
)
def test_forms_that_look_the_same_are_stored_in_one_form(typed: str, kept: str) -> None:
    assert user_name(typed) == kept


@pytest.mark.parametrize(
    "name", ["ann@example.org", "Ann <ann@example.org>", "mail ann＠example.org", "Ann a.b@c.museum"]
)
def test_a_name_cannot_be_an_email_address(name: str) -> None:
    with pytest.raises(ValueError, match="`userName` must not contain an email address"):
        user_name(name)
    assert "example" not in hinted_name(name, "?") and "museum" not in hinted_name(name, "?")


@pytest.mark.parametrize("name", ["@ann", "Ann @ work", "DJ@Night", "a@b"])
def test_not_every_at_is_an_address(name: str) -> None:
    assert user_name(name) == name


@pytest.mark.parametrize("sign", ["a", "é", "\U0001f600", "\u200b", "\u0301", " ", "\0", "@"])
def test_a_name_that_is_far_too_long_is_refused_unread(sign: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []

    def category(character: str) -> str:
        looked_at.append(character)
        return unicodedata.category(character)

    data = SimpleNamespace(category=category, normalize=unicodedata.normalize)
    for module in (names, limits, invisible):
        monkeypatch.setattr(module, "unicodedata", data)
    long = sign * 100_000
    with pytest.raises(ValueError, match="`userName` must have 1 to 50 characters"):
        user_name(long)
    with pytest.raises(ValueError, match="`name` must have 1 to 100 characters"):
        tidy_name(long, CHAT_NAME_CHARACTERS, "name")
    for event, field in (("saveMessage", "message"), ("editMessage", "message"), ("react", "emoji")):
        fields = {"chatId": "c", "id": new_id(), "on": True, field: sign * 5_000}
        with pytest.raises(BadRequest, match=f"`{field}`"):
            decode(event, "application/json", json.dumps(fields).encode())
    with pytest.raises(msgspec.ValidationError, match="length <= 100"):
        msgspec.convert({"q": long}, SearchQuery)
    assert looked_at == []
    hinted_name(long, "?")
    assert len(looked_at) < 20_000


def test_the_cache_of_hinted_names_is_bounded() -> None:
    assert hinted_name("a" * 500, "?") == hinted_name("a" * 1_000_000, "?")
    before = names._hinted.cache_info().misses
    hinted_name("a" * 999_999, "?")
    assert names._hinted.cache_info().misses == before


def test_a_name_may_be_typed_among_many_spaces() -> None:
    assert user_name(" " * 200 + "Ann" + " " * 200 + "Lee") == "Ann Lee"


@pytest.mark.parametrize("name", ["Chatr", "CHATR", "someone", "Śomeone"])
def test_nobody_can_use_a_name_that_chatr_reserves(name: str) -> None:
    with pytest.raises(ValueError, match="`userName` must not be a name that Chatr"):
        user_name(name)


def test_the_field_is_named_where_a_guest_signs_in() -> None:
    with pytest.raises(ValueError, match=r"`userName` must not contain invisible characters like U\+200B"):
        GuestName("Vic\u200btim")


@pytest.mark.parametrize(
    ("details", "name"),
    [
        ("octocat", "octocat"),
        ("ann.lee@contoso.example", "Ann Lee"),
        ("ann@localhost", "Ann"),
        ("ann_example.org#EXT#@contoso.onmicrosoft.com", "Ann"),
        ("live.com#ann@example.org", "Ann"),
        ("J.Doe+chat@example.org", "J Doe"),
        ("Ann Lee <ann@example.org>", "Ann Lee"),
        ("12@example.org", "12"),
        ("..@example.org", "?"),
    ],
)
def test_the_name_of_an_account_is_shown_and_not_its_address(details: str, name: str) -> None:
    assert hinted_name(name_of_account(details), "?") == name


def test_names_stored_earlier_are_shown_by_the_current_rules() -> None:
    row: Row = {"userId": "u", "name": "ann.lee@example.org", "joined": "1", "etag": "e", "chatId": "c"}
    assert member_of(row).name == "Ann Lee"
    private = {**row, "name": "Chat with ann.lee@example.org", "kind": "private", "state": "member"}
    assert membership_of(private).name == "Chat with Ann Lee"
    public = {**private, "name": "Mail ann@example.org", "kind": "public"}
    assert membership_of(public).name == "Mail ann@example.org"
