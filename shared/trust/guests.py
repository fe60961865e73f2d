"""Guests: an identity with a random id, in a signed cookie (a JWT). There is no session in storage."""

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
# The name used over https: browsers accept the prefix ``__Secure-`` over https only. ``__Host-`` would be stricter, but
# the Functions host and Static Web Apps rewrite every cookie with a Domain, with which browsers refuse that prefix.
# https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
# https://github.com/Azure/static-web-apps/issues/636
HTTPS_COOKIE = f"__Secure-{COOKIE}"
# Signing out overwrites the cookie instead of deleting it, because Static Web Apps drops cookies whose Expires is in
# the past (issue 1214 there). A day is far enough ahead for any clock.
SIGNED_OUT = "signed-out"
SIGNED_OUT_SECONDS = 24 * 3600
# A token that is signed with the same key for another purpose must not be accepted as a guest's.
AUDIENCE = "chatr-guest"
ALGORITHM = "HS256"
CHECKED: Any = {"require": ["exp", "sub", "aud"]}
LIFETIME_SECONDS = 30 * 24 * 3600
# A cookie older than this is renewed when its guest comes back, for a full lifetime.
RENEWED_AFTER_SECONDS = 24 * 3600
# Limits on what is verified of a request, because each signature takes time. We set one cookie, half as long.
COOKIES, TOKEN_CHARACTERS = 16, 2_048
# 128 random bits: ids can't be guessed and don't collide.
ID_BYTES = 16


class GuestName(msgspec.Struct, frozen=True, rename="camel"):
    """A guest's sign-in: the name to show."""

    user_name: UserName

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "user_name", tidy_user_name(self.user_name, "userName"))


def is_guest(user_id: str) -> bool:
    """Whether this is a guest's id. Users of providers never have such an id."""
    return user_id.startswith(PREFIX)


def new_guest(name: str) -> Profile:
    """A new guest with a new id, even if the name has been used before."""
    return Profile(PREFIX + secrets.token_hex(ID_BYTES), name, PROVIDER)


def write_cookie(guest: Profile, keys: Sequence[str], now: int, secure: bool) -> str:
    """A ``Set-Cookie`` value, signed with the first key, that signs the guest in for 30 days from ``now``."""
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
    """The guest in a ``Cookie`` header; None unless we signed the cookie and it has not expired.

    Another site under the same parent domain can add a cookie with a guest of its own. Which of the two is genuine
    can't be told, so neither is accepted: otherwise a user could act as somebody else without knowing it.
    """
    guests = named(header, keys, secure)
    return next(iter(guests.values())) if len(guests) == 1 else None


def named(header: str, keys: Sequence[str], secure: bool) -> dict[str, Profile]:
    """All guests with a valid cookie in a ``Cookie`` header, by id: several if another site has added its own."""
    found = (_guest(claims) for claims in _signed(header, keys, secure))
    return {guest.user_id: guest for guest in found if guest}


def is_to_renew(header: str, keys: Sequence[str], secure: bool, now: int) -> bool:
    """Whether the guest's cookie is due for renewal: it is a day old, or not signed with the first key."""
    younger_than = now // SECOND - RENEWED_AFTER_SECONDS
    return not any(claims.get("iat", 0) > younger_than for claims in _signed(header, keys[:1], secure))


def _signed(header: str, keys: Sequence[str], secure: bool) -> Iterator[dict[str, Any]]:
    """The claims of all cookies in a header that are signed with one of the keys."""
    given = islice(_values(header, _name(secure)), COOKIES)
    return (claims for value in given if (claims := _claims(value, keys)))


def _name(secure: bool) -> str:
    return HTTPS_COOKIE if secure else COOKIE


def _values(header: str, wanted: str) -> Iterator[str]:
    """The values of all cookies with this name. Python's own parser stops at malformed cookies of others."""
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
    """The claims of a token; empty if it is not signed with one of the keys, or has expired."""
    if not token.isascii() or len(token) > TOKEN_CHARACTERS:
        return {}
    for key in keys:
        with suppress(jwt.InvalidTokenError):
            # The first call after signing in may reach another instance, whose clock may be behind.
            leeway = SKEW // SECOND
            return jwt.decode(token, key, [ALGORITHM], audience=AUDIENCE, leeway=leeway, options=CHECKED)
    return {}


def _cookie(value: str, seconds: int, secure: bool) -> str:
    flags = f"Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax"
    return f"{_name(secure)}={value}; {flags}{'; Secure' if secure else ''}"
