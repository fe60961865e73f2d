"""Which Microsoft Entra tokens of REST callers count here: none, those that a key document vouches for, or all.

No key is ever fetched; where a file has them, ``key_document`` reads it. Never logs or returns a token. A role
assignment is not asked for: there is none locally.
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
    """``keys``: public keys by their id; with any of them, ``unvalidated`` counts for nothing."""

    keys: Mapping[str, "PyJWK"] = {}
    unvalidated: bool = False


def is_entra(token: str) -> bool:
    """Whether a token claims to be Microsoft Entra's for this service, by its audience; it is not verified."""
    import jwt

    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        return False
    return any(audience.rstrip("/").lower() == AUDIENCE for audience in strings(claims.get("aud")))


def verify(token: str, trust: Trust) -> Claims:
    """The claims of a token for which ``is_entra`` holds; raises BadToken."""
    import jwt

    if not trust.keys and not trust.unvalidated:
        raise BadToken(
            "Microsoft Entra tokens do not count here: start with --entra-key-document FILE to verify them,"
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
        text = "the Microsoft Entra token names no key of the key document, which cannot be read anew"
        raise BadToken(text) from None
