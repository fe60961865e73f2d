"""Identity: which credentials are accepted, and which are not."""

import base64
import json

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.clock import SECOND, now
from shared.model.records import Profile
from shared.trust import guests
from shared.trust.identity import caller
from tests.backend.function_calls import principal
from tests.backend.stage import settings

SETTINGS = settings()
KEY = SETTINGS.guest_signing_keys[0]


def cookie(value: str) -> dict[str, str]:
    return {"cookie": f"other=1; {guests.COOKIE}={value}"}


def encoded(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


def signed(**claims: object) -> str:
    content = {"sub": "guest_1", "name": "Ann", "aud": guests.AUDIENCE, "exp": now() // SECOND + 60, **claims}
    return jwt.encode({name: value for name, value in content.items() if value is not None}, KEY, "HS256")


def test_a_principal_counts_where_it_can_be_trusted() -> None:
    assert caller(principal("u1", "Pat"), SETTINGS) == Profile("u1", "Pat", "github")
    assert caller(principal("u1"), settings(TRUST_SWA_PRINCIPAL="false")) is None


def test_a_principal_wins_over_a_guest_cookie() -> None:
    found = caller({**principal("u1"), **cookie(signed())}, SETTINGS)
    assert found is not None and found.user_id == "u1"


@pytest.mark.parametrize(
    "user_id",
    ["guest_1", "Guest_1", "GUEST_1", "é", "\u202eann", "", "a/b", "a\nb", ".", "..", " ann", "ann ", "x" * 129],
)
def test_a_principal_with_an_impossible_id_is_not_signed_in(user_id: str) -> None:
    assert caller(principal(user_id), SETTINGS) is None


def test_a_name_that_is_too_long_or_odd_is_mended() -> None:
    found = caller(principal("u1", "  Pat\x00" + "t" * 90), SETTINGS)
    assert found is not None and len(found.name) == 50 and found.name.startswith("Pat t")
    nameless = caller(principal("u1", ""), SETTINGS)
    assert nameless is not None and nameless.name == "github"


@pytest.mark.parametrize("name", ["\u202eevil", "\u200b\u200b", "\u3164", "\u2066\u2069", "\u0301"])
def test_a_name_that_shows_nothing_or_turns_text_around_is_mended(name: str) -> None:
    found = caller(principal("u1", name), SETTINGS)
    assert found is not None and found.name in ("evil", "github")


@pytest.mark.parametrize("name", ["Chatr", "chatr", "\u0421hatr", "Someone", "S\u043emeone"])
def test_an_account_that_is_called_like_chatr_itself_is_told_apart(name: str) -> None:
    found = caller(principal("u1", name), SETTINGS)
    assert found is not None and found.name == f"{name} (github)"


NO_PROVIDERS: tuple[object, ...] = (None, 5, {})
NO_ROLES: tuple[object, ...] = (None, "authenticated", {"authenticated": 1}, [[]], [None])
SIGNED_IN = {"userId": "u1", "identityProvider": "github", "userDetails": "Pat", "userRoles": ["authenticated"]}
BROKEN = [
    *(b"", b"{}", b"[]", b"null", b"7", b'{"userId": 5}', b"\xff", b"[" * 9999),
    *(encoded({**SIGNED_IN, **change}) for change in ({"userId": 5}, {"userId": None}, {"userDetails": ["Pat"]})),
    *(encoded({**SIGNED_IN, "identityProvider": provider}) for provider in NO_PROVIDERS),
    *(encoded({**SIGNED_IN, "userRoles": roles}) for roles in NO_ROLES),
    *(encoded({name: SIGNED_IN[name] for name in SIGNED_IN if name != left}) for left in ("userId", "userRoles")),
    encoded({"clientPrincipal": SIGNED_IN}),
    # What Functions and App Service write in a header of the same name.
    encoded(
        {"auth_typ": "aad", "claims": [{"typ": "roles", "val": "authenticated"}], "name_typ": "", "role_typ": "roles"}
    ),
]


@pytest.mark.parametrize("roles", [["anonymous"], [], ["Authenticated"], ["reader"], ["anonymous,authenticated"]])
def test_a_principal_without_the_role_of_who_signed_in_is_nobody_and_hides_no_guest(roles: list[str]) -> None:
    """A linked backend also gets a principal for callers without a session, such as guests."""
    for change in ({}, {"userId": None, "identityProvider": None, "userDetails": None}, {"userId": "anonymous"}):
        header = {
            "x-ms-client-principal": base64.b64encode(encoded({**SIGNED_IN, **change, "userRoles": roles})).decode()
        }
        assert caller(header, SETTINGS) is None
        assert caller({**header, **cookie(signed())}, SETTINGS) == Profile("guest_1", "Ann", "guest")


def test_a_principal_may_lack_its_padding_and_say_more_than_we_read() -> None:
    for extra in ("", "x", "xx"):
        content = {
            **SIGNED_IN,
            "userDetails": "Zoë",
            "claims": [{"typ": "name", "val": extra}],
            "userRoles": ["authenticated", "owner"],
        }
        header = base64.b64encode(encoded(content)).decode().rstrip("=")
        assert caller({"x-ms-client-principal": header}, SETTINGS) == Profile("u1", "Zoë", "github")


def test_nobody_is_shown_by_the_address_of_their_account() -> None:
    for details, name in {"ann.lee@example.org": "Ann Lee", "ann@localhost": "Ann", "pat": "pat"}.items():
        found = caller(principal("u1", details), SETTINGS)
        assert found is not None and found.name == name


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ([{"typ": "roles", "val": "x"}, {"typ": "name", "val": "Ann-Marie Lee"}], "Ann-Marie Lee"),
        ([{"typ": "name", "val": "ann.lee@example.org"}], "Ann Lee"),
        ([{"typ": "name", "val": " "}, {"typ": "name"}, {"typ": "name", "val": 5}, 5, None], "Ann Lee"),
        ({"name": "Ann-Marie"}, "Ann Lee"),
        (None, "Ann Lee"),
    ],
)
def test_in_the_place_of_an_address_the_providers_display_name_is_shown(claims: object, name: str) -> None:
    content = encoded({**SIGNED_IN, "userDetails": "ann.lee@example.org", "claims": claims})
    found = caller({"x-ms-client-principal": base64.b64encode(content).decode()}, SETTINGS)
    assert found is not None and found.name == name


def test_a_principal_without_a_name_is_called_after_its_provider() -> None:
    for change in ({"userDetails": None}, {"userDetails": ""}):
        header = base64.b64encode(encoded({**SIGNED_IN, **change})).decode()
        assert caller({"x-ms-client-principal": header}, SETTINGS) == Profile("u1", "github", "github")


@pytest.mark.parametrize("content", BROKEN)
def test_a_principal_that_cannot_be_read_is_not_signed_in_even_with_a_cookie(content: bytes) -> None:
    headers = {"x-ms-client-principal": base64.b64encode(content).decode() or "!", **cookie(signed())}
    assert caller(headers, SETTINGS) is None


def test_two_principals_in_one_request_are_none() -> None:
    """Two headers with the same name arrive joined; the caller's must not win over the one of Static Web Apps."""
    first, second = principal("u1")["x-ms-client-principal"], principal("u2")["x-ms-client-principal"]
    for separator in (",", ", ", " ", "\n", ""):
        assert caller({"x-ms-client-principal": first + separator + second}, SETTINGS) is None


@given(st.text(st.characters(), min_size=1))
def test_no_principal_header_makes_it_fail(header: str) -> None:
    found = caller({"x-ms-client-principal": header}, SETTINGS)
    assert found is None or json.loads(base64.b64decode(header + "=="))["userId"] == found.user_id


def test_a_guest_cookie_brings_back_the_guest() -> None:
    guest = guests.new_guest("Ann")
    written = guests.write_cookie(guest, [KEY], now(), secure=True)
    assert caller({"cookie": written.partition(";")[0]}, SETTINGS, secure=True) == guest
    assert guest.user_id.startswith("guest_") and len(guest.user_id) > 30


def test_a_new_signing_key_signs_every_guest_out() -> None:
    written = guests.write_cookie(guests.new_guest("Ann"), [KEY], now(), secure=False).partition(";")[0]
    assert caller({"cookie": written}, SETTINGS) is not None
    assert caller({"cookie": written}, settings(GUEST_SIGNING_KEY="another-signing-key-0123456789abcdef")) is None


def test_no_guest_can_be_a_user_of_a_provider_nor_the_other_way_round() -> None:
    guest = guests.new_guest("Ann")
    assert caller(principal(guest.user_id), SETTINGS) is None
    assert caller(principal(guest.user_id.upper()), SETTINGS) is None
    assert caller(cookie(signed(sub="u1")), SETTINGS) is None
    assert caller(principal("u1"), SETTINGS) == Profile("u1", "Pat", "github")


def header_of_a_token(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode() + ".e30.AAAA"


FORGED = {
    "another key": jwt.encode({"sub": "guest_1", "name": "A", "aud": guests.AUDIENCE, "exp": 9**10}, "k" * 40, "HS256"),
    "no signature": jwt.encode({"sub": "guest_1", "name": "A", "aud": guests.AUDIENCE, "exp": 9**10}, "", "none"),
    "another algorithm": jwt.encode({"sub": "guest_1", "aud": guests.AUDIENCE, "exp": 9**10}, "k" * 64, "HS512"),
    "expired": signed(exp=1),
    "without end": signed(exp=None),
    "another purpose": signed(aud="something-else"),
    "a user of a provider": signed(sub="u1"),
    "an impossible id": signed(sub="guest_a/b"),
    "no name": signed(name=None),
    "a name that is no text": signed(name=5),
    "nested too deep": header_of_a_token(b"[" * 9_000),
    "a header that is a list": header_of_a_token(b'["HS256"]'),
    "an algorithm that is a list": header_of_a_token(b'{"alg":["HS256"]}'),
    "a header that is no text": header_of_a_token(b"\xff"),
    "claims left outside": header_of_a_token(b'{"alg":"HS256","b64":false,"crit":["b64"]}'),
    "bytes that are no text": "x.y.\udce9",
    "nonsense": "x.y.z",
    "empty": "",
}


@pytest.mark.parametrize("case", FORGED)
def test_a_cookie_we_did_not_sign_for_this_does_not_count(case: str) -> None:
    assert caller(cookie(FORGED[case]), SETTINGS) is None


def test_a_cookie_does_not_count_where_guests_are_not_allowed() -> None:
    assert caller(cookie(signed()), settings(ALLOW_GUESTS="false")) is None
    assert caller(cookie(signed()), SETTINGS) is not None


@given(st.text(st.characters()))
def test_no_cookie_header_makes_it_fail(header: str) -> None:
    for cookie_header in (header, f"{guests.COOKIE}={header}", f'{guests.COOKIE}="{header}"'):
        assert caller({"cookie": cookie_header}, SETTINGS) is None


OTHERS = ['a={"x":1}', "a[b]=c", "a b=c", "Path=/", "x=é", 'f=a"b', "foo", "=v", "a/b=1", "", f"{guests.COOKIE}=stale"]


@pytest.mark.parametrize("other", OTHERS)
def test_cookies_of_others_on_the_same_host_do_not_hide_ours(other: str) -> None:
    ours = f"{guests.COOKIE}={signed()}"
    for header in (f"{other}; {ours}", f"{ours}; {other}", f"{other};{ours};{other}"):
        assert caller({"cookie": header}, SETTINGS) == Profile("guest_1", "Ann", "guest")


def test_over_https_no_cookie_counts_that_http_could_have_set() -> None:
    """A man in the middle of a page without https can set the other cookie, with a guest of their own."""
    tossed, own = f"{guests.COOKIE}={signed()}", f"{guests.HTTPS_COOKIE}={signed(sub='guest_2')}"
    assert caller({"cookie": tossed}, SETTINGS, secure=True) is None
    for header in (own, f"{tossed}; {own}", f"{own}; {tossed}"):
        found = caller({"cookie": header}, SETTINGS, secure=True)
        assert found is not None and found.user_id == "guest_2"
    assert caller({"cookie": own}, SETTINGS, secure=False) is None


@pytest.mark.parametrize("secure", [False, True])
def test_a_guest_whom_a_neighbouring_host_adds_does_not_take_the_place_of_ours(secure: bool) -> None:
    """The cookie with the longer path comes first, so the other site can choose the order."""
    name = guests.HTTPS_COOKIE if secure else guests.COOKIE
    own, tossed = f"{name}={signed()}", f"{name}={signed(sub='guest_2')}"
    for header in (f"{own}; {tossed}", f"{tossed}; {own}", f"{tossed}; {own}; {own}"):
        assert caller({"cookie": header}, SETTINGS, secure) is None
    # A cookie that we did not sign, or the same guest again, does not count as another guest.
    for other in (f"{name}=nonsense", f"{name}={guests.SIGNED_OUT}", f"{name}={signed(iat=1)}"):
        found = caller({"cookie": f"{other}; {own}"}, SETTINGS, secure)
        assert found is not None and found.user_id == "guest_1"


def test_whoever_has_signed_out_is_nobody() -> None:
    assert caller({"cookie": guests.clear_cookie(secure=True).partition(";")[0]}, SETTINGS, secure=True) is None


def test_a_cookie_lasts_thirty_days() -> None:
    written = guests.write_cookie(guests.new_guest("Ann"), [KEY], now(), secure=False)
    assert f"Max-Age={30 * 24 * 3600};" in written and "Secure" not in written
    claims = jwt.decode(written.partition("=")[2].partition(";")[0], KEY, ["HS256"], audience=guests.AUDIENCE)
    assert claims["exp"] - claims["iat"] == 30 * 24 * 3600
