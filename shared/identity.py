"""Decides who is asking. Nothing else in the backend may.

Two proofs count: the principal that Static Web Apps adds, where TRUST_SWA_PRINCIPAL says that only Static Web Apps can
reach us, and our own signed guest cookie. Must not know routes.
"""

import base64
from collections.abc import Mapping

import msgspec

from shared import guests
from shared.json_text import NOT_JSON
from shared.limits import hinted_name, is_user_id
from shared.records import Profile
from shared.settings import Settings

PRINCIPAL_HEADER = "x-ms-client-principal"


class _Principal(msgspec.Struct, rename="camel"):
    """https://learn.microsoft.com/azure/static-web-apps/user-information#client-principal-data"""

    user_id: str
    identity_provider: str
    user_details: str | None = None


def caller(headers: Mapping[str, str], settings: Settings, secure: bool = False) -> Profile | None:
    """Who sent a request with these (lower-case) headers, ``secure`` if by https; None when that is not proven."""
    principal = headers.get(PRINCIPAL_HEADER, "")
    if principal and settings.trust_swa_principal:
        return _from_principal(principal)
    if settings.allow_guests:
        return guests.read_cookie(headers.get("cookie", ""), settings.guest_signing_key, secure)
    return None


def _from_principal(header: str) -> Profile | None:
    try:
        # Strictly: two headers arrive as one with a comma, and a lenient reader would take the first, whoever sent it.
        principal = msgspec.json.decode(base64.b64decode(header, validate=True), type=_Principal)
    except NOT_JSON:
        return None
    user_id, provider = principal.user_id, hinted_name(principal.identity_provider, "unknown")
    # In any case, should a service in between not tell upper and lower case apart.
    if not is_user_id(user_id) or user_id.lower().startswith(guests.PREFIX):
        return None
    return Profile(user_id, hinted_name(principal.user_details or "", provider), provider)
