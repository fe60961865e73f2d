"""Which Microsoft Entra tokens of REST callers are accepted: none, those that a key document verifies, or all.

Keys are never fetched; ``key_document`` reads them from a file. Tokens are never logged. Role assignments are not
checked, because there are none locally.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from .auth import CLOCK_SKEW_SECONDS, BadToken, Claims, strings
from .key_document import ALGORITHMS

if TYPE_CHECKING:
    from jwt import PyJWK

# What the SDKs ask for as https://webpubsub.azure.com/.default.
AUDIENCE = "https://webpubsub.azure.com"


class Trust(msgspec.Struct, frozen=True):
    """``keys``: public keys by id. If there are any, ``unvalidated`` is ignored."""

    keys: Mapping[str, "PyJWK"] = {}
    unvalidated: bool = False


def is_entra(token: str) -> bool:
    """Whether a token's audience is that of Microsoft Entra tokens for this service. Nothing is verified."""
    import jwt

    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        return False
    return any(audience.rstrip("/").lower() == AUDIENCE for audience in strings(claims.get("aud")))


def verify(token: str, trust: Trust) -> Claims:
    """The claims of a token that ``is_entra``; raises BadToken."""
    import jwt

    if not trust.keys and not trust.unvalidated:
        raise BadToken(
            "Microsoft Entra tokens are not accepted: start with --entra-key-document FILE to verify them,"
            " or with --allow-unvalidated-entra-tokens"
        )
    options: Any = {"require": ["exp"], "verify_aud": False, "verify_iat": False, "verify_sub": False}
    if not trust.keys:
        options |= {"verify_signature": False, "verify_exp": True, "verify_nbf": True}
    try:
        key = _key_of(token, trust) if trust.keys else ""
        return jwt.decode(token, key, algorithms=ALGORITHMS, leeway=CLOCK_SKEW_SECONDS, options=options)
    except jwt.ExpiredSignatureError:
        raise BadToken("the Microsoft Entra token has expired") from None
    except jwt.InvalidSignatureError:
        raise BadToken("the Microsoft Entra token is not signed with the key it names") from None
    except jwt.MissingRequiredClaimError as error:
        raise BadToken(f"the Microsoft Entra token lacks the claim {error.claim}") from None
    except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError):
        raise BadToken("the Microsoft Entra token is malformed or not valid yet") from None


def _key_of(token: str, trust: Trust) -> "PyJWK":
    import jwt

    kid = str(jwt.get_unverified_header(token).get("kid"))
    try:
        return trust.keys[kid]
    except KeyError:
        raise BadToken("the Microsoft Entra token names no key of the key document") from None
    except (OSError, ValueError):
        text = "the Microsoft Entra token names no key of the key document, which cannot be reloaded"
        raise BadToken(text) from None
