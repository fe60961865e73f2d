"""Guests: a made-up identity in a signed cookie. The signature is what proves it; nothing is stored for it.

Must not know who else may sign in.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

import jwt
import msgspec

from shared.model.clock import SECOND, SKEW
from shared.model.limits import UserName, is_user_id
from shared.model.records import Profile
from shared.model.text.names import hinted_name, tidy_user_name

PREFIX = "guest_"
PROVIDER = "guest"
COOKIE = "chatr_guest"
# Over https: browsers take one so called by https only. ``__Host-`` would say more, but the Functions host and Static
# Web Apps write every cookie anew with a Domain, and browsers refuse that name with one: nobody could sign in.
# https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
# https://github.com/Azure/static-web-apps/issues/636
HTTPS_COOKIE = f"__Secure-{COOKIE}"
# Signing out overwrites the cookie. A deletion is dropped on the way: Static Web Apps lets no cookie pass whose Expires
# is past (issue 1214 there). A day is far enough ahead for any clock.
SIGNED_OUT = "signed-out"
SIGNED_OUT_SECONDS = 24 * 3600
# A cookie signed with the same key for another purpose must not pass for this one.
AUDIENCE = "chatr-guest"
ALGORITHM = "HS256"
CHECKED: Any = {"require": ["exp", "sub", "aud"]}
LIFETIME_SECONDS = 30 * 24 * 3600
# Who comes back is signed in anew after that, for as long again.
RENEWED_AFTER_SECONDS = 24 * 3600
# What is looked at of what a browser sends: each takes a signature's time to refuse. Ours are half as long, and one.
COOKIES, TOKEN_CHARACTERS = 16, 2_048
# 128 random bits: ids cannot be guessed and do not meet.
ID_BYTES = 16


class GuestName(msgspec.Struct, frozen=True, rename="camel"):
    """What a guest tells us: the name to be shown."""

    user_name: UserName

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "user_name", tidy_user_name(self.user_name, "userName"))


def is_guest(user_id: str) -> bool:
    """Whether this is a guest's id; no provider's user has one."""
    return user_id.startswith(PREFIX)


def new_guest(name: str) -> Profile:
    """A guest who has never been here: the same name twice is two users."""
    return Profile(PREFIX + secrets.token_hex(ID_BYTES), name, PROVIDER)


def write_cookie(guest: Profile, keys: Sequence[str], now: int, secure: bool) -> str:
    """A ``Set-Cookie`` value that signs the guest in for 30 days from ``now`` (microseconds), by the first key."""
    issued = now // SECOND
    claims = {
        "sub": guest.user_id,
        "name": guest.name,
        "aud": AUDIENCE,
        "iat": issued,
        "exp": issued + LIFETIME_SECONDS,
    }
    return _cookie(jwt.encode(claims, keys[0], ALGORITHM), LIFETIME_SECONDS, secure)


def clear_cookie(secure: bool) -> str:
    """A ``Set-Cookie`` value that signs a guest out."""
    return _cookie(SIGNED_OUT, SIGNED_OUT_SECONDS, secure)


def read_cookie(header: str, keys: Sequence[str], secure: bool) -> Profile | None:
    """The guest in a ``Cookie`` header; None unless we signed it and it has not expired.

    A neighbour under the same domain can add a cookie with a guest of its own. Which of the two is ours cannot be told,
    so that neither counts: nobody speaks as somebody else without knowing it.
    """
    guests = named(header, keys, secure)
    return next(iter(guests.values())) if len(guests) == 1 else None


def named(header: str, keys: Sequence[str], secure: bool) -> dict[str, Profile]:
    """All guests that a ``Cookie`` header proves, by their ids; more than one where a neighbour has added its own."""
    found = (_guest(claims) for claims in _signed(header, keys, secure))
    return {guest.user_id: guest for guest in found if guest}


def is_to_renew(header: str, keys: Sequence[str], secure: bool, now: int) -> bool:
    """Whether the cookie of the guest it proves should be written anew: it is a day old, or not by the first key."""
    younger_than = now // SECOND - RENEWED_AFTER_SECONDS
    return not any(claims.get("iat", 0) > younger_than for claims in _signed(header, keys[:1], secure))


def _signed(header: str, keys: Sequence[str], secure: bool) -> Iterator[dict[str, Any]]:
    """What the cookies of a header say that one of the keys has signed."""
    given = islice(_values(header, _name(secure)), COOKIES)
    return (claims for value in given if (claims := _claims(value, keys)))


def _name(secure: bool) -> str:
    return HTTPS_COOKIE if secure else COOKIE


def _values(header: str, wanted: str) -> Iterator[str]:
    """What cookies of this name say. Python's own parser gives up at others' cookies that it does not like."""
    for pair in header.split(";"):
        name, _, value = pair.partition("=")
        if name.strip() == wanted:
            yield value.strip()


def _guest(claims: dict[str, Any]) -> Profile | None:
    user_id, name = str(claims.get("sub", "")), claims.get("name")
    if not is_guest(user_id) or not is_user_id(user_id) or not isinstance(name, str):
        return None
    return Profile(user_id, hinted_name(name, "Guest"), PROVIDER)


def _claims(token: str, keys: Sequence[str]) -> dict[str, Any]:
    """What we signed; empty when none of the keys did, or when it has expired."""
    if not token.isascii() or len(token) > TOKEN_CHARACTERS:
        return {}
    for key in keys:
        with suppress(jwt.InvalidTokenError):
            # Who has just signed in comes to another instance next, whose clock may be behind.
            leeway = SKEW // SECOND
            return jwt.decode(token, key, [ALGORITHM], audience=AUDIENCE, leeway=leeway, options=CHECKED)
    return {}


def _cookie(value: str, seconds: int, secure: bool) -> str:
    flags = f"Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax"
    return f"{_name(secure)}={value}; {flags}{'; Secure' if secure else ''}"
