"""Identifies the caller of a request. Nothing else in the backend does.

Two credentials are accepted: the principal header that Static Web Apps adds, if TRUST_SWA_PRINCIPAL says that only
Static Web Apps can reach us, and our own signed guest cookie.
"""

import base64
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from shared.model.limits import is_user_id
from shared.model.records import Profile
from shared.model.text.names import OWN_NAMES, hinted_name, name_of_account
from shared.settings import Settings
from shared.trust import guests
from shared.wire.json_text import NOT_JSON

PRINCIPAL_HEADER = "x-ms-client-principal"
# The role of everybody who has signed in. Others may have a principal too, with only the role ``anonymous``.
# https://learn.microsoft.com/azure/static-web-apps/authentication-authorization#roles
SIGNED_IN = "authenticated"
# Many times what Static Web Apps sends: a user and five or six role names.
PRINCIPAL_CHARACTERS = 16_384


# The claim with the user's full name.
DISPLAY_NAME = "name"


class _Principal(msgspec.Struct, rename="camel"):
    """https://learn.microsoft.com/azure/static-web-apps/user-information#client-principal-data

    ``user_details`` is a user name or an email address. Only custom providers send claims, if any do.
    """

    user_roles: list[str]
    user_id: str | None = None
    identity_provider: str | None = None
    user_details: str | None = None
    claims: Any = None


def caller(headers: Mapping[str, str], settings: Settings, secure: bool = False) -> Profile | None:
    """The caller of a request with these (lower-case) headers, ``secure`` if over https; None if not signed in."""
    header = headers.get(PRINCIPAL_HEADER, "")
    if header and settings.trust_swa_principal:
        principal = _read(header)
        if principal is None or SIGNED_IN in principal.user_roles:
            return _profile(principal)
    if settings.allow_guests:
        return guests.read_cookie(headers.get("cookie", ""), settings.guest_signing_keys, secure)
    return None


def _read(header: str) -> _Principal | None:
    """The principal in a header; None if it is malformed."""
    if len(header) > PRINCIPAL_CHARACTERS:
        return None
    try:
        # Strict: two headers arrive joined by a comma, and a lenient decoder would accept the first, whoever sent it.
        # Only the padding may be missing.
        content = base64.b64decode(header + "=" * (-len(header) % 4), validate=True)
        return msgspec.json.decode(content, type=_Principal)
    except NOT_JSON:
        return None


def _profile(principal: _Principal | None) -> Profile | None:
    if principal is None or principal.user_id is None or principal.identity_provider is None:
        return None
    user_id, provider = principal.user_id, hinted_name(principal.identity_provider, "unknown")
    # Regardless of case, in case some service on the way ignores it.
    if not is_user_id(user_id) or user_id.lower().startswith(guests.PREFIX):
        return None
    return Profile(user_id, _nobody_elses(hinted_name(_name(principal), provider), provider), provider)


@lru_cache(maxsize=1_000)
def _nobody_elses(name: str, provider: str) -> str:
    """``name``, with the provider appended if it looks like a name that Chatr reserves for itself."""
    # Loaded here, because only sign-ins with a provider need the table.
    from shared.model.text.lookalikes import looks_like_one_of

    return hinted_name(f"{name} ({provider})", provider) if looks_like_one_of(name, OWN_NAMES) else name


def _name(principal: _Principal) -> str:
    """The name to show for a user, which never is an email address, since that is not for everybody to see."""
    details = principal.user_details or ""
    name = name_of_account(details)
    if name == details:
        return details
    claims = principal.claims if isinstance(principal.claims, list) else []
    shown = [one.get("val") for one in claims if isinstance(one, dict) and one.get("typ") == DISPLAY_NAME]
    return next((claim for claim in shown if isinstance(claim, str) and claim.strip()), name)
