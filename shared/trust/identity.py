"""Decides who is asking. Nothing else in the backend may.

Two proofs count: the principal that Static Web Apps adds, where TRUST_SWA_PRINCIPAL says that only Static Web Apps can
reach us, and our own signed guest cookie. Must not know routes.
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
# The role of everybody who has signed in; who has not may come with a principal too, as ``anonymous`` alone.
# https://learn.microsoft.com/azure/static-web-apps/authentication-authorization#roles
SIGNED_IN = "authenticated"
# Many times what Static Web Apps writes: who has signed in, and five or six names of roles.
PRINCIPAL_CHARACTERS = 16_384


# The claim that says what somebody is called, in full.
DISPLAY_NAME = "name"


class _Principal(msgspec.Struct, rename="camel"):
    """https://learn.microsoft.com/azure/static-web-apps/user-information#client-principal-data

    ``user_details`` is a user name or an e-mail address. Claims come from providers of one's own only, if at all.
    """

    user_roles: list[str]
    user_id: str | None = None
    identity_provider: str | None = None
    user_details: str | None = None
    claims: Any = None


def caller(headers: Mapping[str, str], settings: Settings, secure: bool = False) -> Profile | None:
    """Who sent a request with these (lower-case) headers, ``secure`` if by https; None when that is not proven."""
    header = headers.get(PRINCIPAL_HEADER, "")
    if header and settings.trust_swa_principal:
        principal = _read(header)
        if principal is None or SIGNED_IN in principal.user_roles:
            return _profile(principal)
    if settings.allow_guests:
        return guests.read_cookie(headers.get("cookie", ""), settings.guest_signing_keys, secure)
    return None


def _read(header: str) -> _Principal | None:
    """The principal in a header; None when it is not one of Static Web Apps."""
    if len(header) > PRINCIPAL_CHARACTERS:
        return None
    try:
        # Strictly: two headers arrive as one with a comma, and a lenient reader would take the first, whoever sent it.
        # Only the padding may be missing.
        content = base64.b64decode(header + "=" * (-len(header) % 4), validate=True)
        return msgspec.json.decode(content, type=_Principal)
    except NOT_JSON:
        return None


def _profile(principal: _Principal | None) -> Profile | None:
    if principal is None or principal.user_id is None or principal.identity_provider is None:
        return None
    user_id, provider = principal.user_id, hinted_name(principal.identity_provider, "unknown")
    # In any case, should a service in between not tell upper and lower case apart.
    if not is_user_id(user_id) or user_id.lower().startswith(guests.PREFIX):
        return None
    return Profile(user_id, _nobody_elses(hinted_name(_name(principal), provider), provider), provider)


@lru_cache(maxsize=1_000)
def _nobody_elses(name: str, provider: str) -> str:
    """``name``, with its provider behind it where Chatr itself speaks under one that looks like it."""
    # Only who signs in with a provider pays for the table.
    from shared.model.text.lookalikes import looks_like_one_of

    return hinted_name(f"{name} ({provider})", provider) if looks_like_one_of(name, OWN_NAMES) else name


def _name(principal: _Principal) -> str:
    """What others may call a user: an address is for the provider to know, and not for everybody here."""
    details = principal.user_details or ""
    name = name_of_account(details)
    if name == details:
        return details
    claims = principal.claims if isinstance(principal.claims, list) else []
    shown = [one.get("val") for one in claims if isinstance(one, dict) and one.get("typ") == DISPLAY_NAME]
    return next((claim for claim in shown if isinstance(claim, str) and claim.strip()), name)
