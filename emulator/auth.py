"""Access keys: the tokens of clients and REST callers, and the signatures of webhooks.

Times are passed in as seconds since 1970, except that PyJWT reads the clock itself. Tokens are never logged.
"""

import hashlib
import hmac
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from urllib.parse import unquote

import jwt

from .address import DEFAULT_PORTS

# The clock skew that Microsoft's emulator allows.
CLOCK_SKEW_SECONDS = 300
RECONNECTION_ISSUER = "https://webpubsub.azure.com"

Claims = dict[str, Any]


class BadToken(Exception):
    """A token is missing, malformed, expired, signed with another key or for another audience; the text says which."""


def verify(token: str, keys: Collection[str], audiences: Iterable[str]) -> Claims:
    """The claims of an HS256 token signed with one of ``keys`` for one of ``audiences``; raises BadToken.

    Audiences are compared case-insensitively and after percent-decoding, because the asynchronous Python SDK escapes
    the URL that it signs differently from the URL that it sends.
    """
    if not token:
        raise BadToken("a token is required")
    claims = _decode(token, keys)
    allowed = {normalized_audience(audience) for audience in audiences}
    given = [normalized_audience(audience) for audience in strings(claims.get("aud"))]
    if not allowed.intersection(given):
        raise BadToken(f"the token is for another audience: {audience_mismatch(given, allowed)}")
    return claims


def audience_mismatch(given: Iterable[str], allowed: Iterable[str]) -> str:
    """How a token's audiences differ from the allowed ones. Paths are not quoted: they hold names."""
    known = {audience_host(audience) for audience in allowed}
    strange = [host for host in map(audience_host, given) if host not in known]
    if not strange:
        return "it is not the URL of this hub or call"
    return f"{strange[0][:100]!r} is not an address of this stand-in; add it with --endpoint"


def audience_host(audience: str) -> str:
    """The host of an audience, with its port."""
    return audience.partition("://")[2].partition("/")[0].partition("?")[0].rpartition("@")[2]


def _decode(token: str, keys: Collection[str]) -> Claims:
    problem = "the token is invalid"
    options: Any = {
        "require": ["exp", "aud"],
        "verify_aud": False,
        "verify_iat": False,
        "verify_sub": False,
        "verify_jti": False,
    }
    for key in keys:
        try:
            return jwt.decode(token, key, algorithms=["HS256"], leeway=CLOCK_SKEW_SECONDS, options=options)
        except jwt.InvalidSignatureError:
            problem = "the token is signed with another key"
        except jwt.ExpiredSignatureError:
            raise BadToken("the token has expired") from None
        except jwt.MissingRequiredClaimError as error:
            raise BadToken(f"the token lacks the claim {error.claim}") from None
        except (jwt.InvalidTokenError, ValueError, OverflowError, RecursionError):
            raise BadToken("the token is malformed or not valid yet") from None
    raise BadToken(problem)


def normalized_audience(audience: str) -> str:
    """An audience in the form that is compared: lower case, decoded, without the scheme's default port."""
    scheme, separator, rest = unquote(audience).rstrip("/").lower().partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.removesuffix(f':{DEFAULT_PORTS.get(scheme)}')}{slash}{path}"


def strings(claim: object) -> list[str]:
    """A claim that is a string or an array of strings, as a list; other types are left out."""
    if isinstance(claim, str):
        return [claim]
    if isinstance(claim, list):
        return [item for item in claim if isinstance(item, str)]
    return []


def client_token(
    audience: str,
    key: str,
    now: float,
    lifetime_seconds: int,
    *,
    user_id: str = "",
    roles: Sequence[str] = (),
    groups: Sequence[str] = (),
) -> str:
    """A client's access token with the claims that the service SDKs use; empty ones are left out."""
    claims: Claims = {"aud": audience, "iat": int(now), "exp": int(now) + lifetime_seconds}
    optional = {"sub": user_id, "role": list(roles), "webpubsub.group": list(groups)}
    return jwt.encode({**claims, **{name: value for name, value in optional.items() if value}}, key, algorithm="HS256")


def reconnection_token(connection_id: str, key: str, now: float, lifetime_seconds: float) -> str:
    """The token with which a reliable client recovers its connection, and no other."""
    claims = {
        "iss": RECONNECTION_ISSUER,
        "aud": connection_id,
        "nbf": int(now),
        "exp": int(now + lifetime_seconds),
    }
    return jwt.encode(claims, key, algorithm="HS256")


def may_reconnect(token: str, connection_id: str, keys: Collection[str]) -> bool:
    """Whether ``token`` was issued for this connection and has not expired."""
    for key in keys:
        try:
            jwt.decode(token, key, algorithms=["HS256"], audience=connection_id, issuer=RECONNECTION_ISSUER)
        except (jwt.InvalidTokenError, ValueError, OverflowError, RecursionError):
            continue
        return True
    return False


def signature(connection_id: str, keys: Iterable[str]) -> str:
    """The ``ce-signature`` header: one HMAC per access key."""
    digests = (hmac.new(key.encode(), connection_id.encode(), hashlib.sha256).hexdigest() for key in keys)
    return ",".join(f"sha256={digest}" for digest in digests)
