"""The identity and rights of a new client, from its token, its query and the ``connect`` handler's answer. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from .auth import strings
from .limits import Limits
from .names import is_group, is_user_id
from .protocol.permissions import BadRole, Permissions
from .protocol.raw_codec import RawCodec
from .protocol.subprotocols import is_defined, is_reliable
from .upstream.cloudevents import ConnectAnswer


class BadAdmission(Exception):
    """A token, a query or a handler asks for something that is not allowed; the text names it."""


class Admission(msgspec.Struct, frozen=True):
    """The identity and the rights a connection starts with.

    ``subprotocol`` is spelled as the client offered it; None for a simple client.
    """

    user_id: str | None
    groups: tuple[str, ...]
    roles: tuple[str, ...]
    subprotocol: str | None

    @property
    def reliable(self) -> bool:
        """Whether the client may recover its connection after losing its socket."""
        return self.subprotocol is not None and is_reliable(self.subprotocol)


def from_claims(claims: Mapping[str, Any], offered: Sequence[str], limits: Limits) -> Admission:
    """What the token grants, with the first offered sub-protocol that the service defines. Raises BadAdmission."""
    subject = claims.get("sub") or None
    if subject is not None and not isinstance(subject, str):
        raise BadAdmission("the claim sub must be a string")
    subprotocol = next(filter(is_defined, offered), None)
    groups, roles = strings(claims.get("webpubsub.group")), strings(claims.get("role"))
    return checked_admission(Admission(subject, tuple(dict.fromkeys(groups)), tuple(roles), subprotocol), limits)


def apply_connect_answer(
    admission: Admission, answer: ConnectAnswer, offered: Sequence[str], limits: Limits
) -> Admission:
    """The admission with the changes of the ``connect`` handler; raises BadAdmission.

    Its roles replace the token's, even if the list is empty; its groups only if there are any.
    """
    subprotocol = admission.subprotocol
    if answer.subprotocol:
        chosen = answer.subprotocol.lower()
        subprotocol = next((name for name in offered if name.lower() == chosen), None)
        if subprotocol is None:
            raise BadAdmission(f"the connect handler chose {answer.subprotocol!r}, which the client did not offer")
    return checked_admission(
        Admission(
            admission.user_id if answer.userId is None else answer.userId or None,
            tuple(dict.fromkeys(answer.groups)) if answer.groups else admission.groups,
            admission.roles if answer.roles is None else tuple(answer.roles),
            subprotocol,
        ),
        limits,
    )


def simple_codec(mode: str, group: str, no_echo: str, offered: Sequence[str], limits: Limits) -> RawCodec:
    """The codec for a simple client, from ``webpubsub_mode``, ``group`` and ``noEcho`` in its query.

    They are ignored if the client offers only sub-protocols that the service defines. Raises BadAdmission.
    """
    if offered and all(map(is_defined, offered)):
        return RawCodec()
    match mode.lower():
        case "" | "sendevent":
            return RawCodec()
        case "sendtogroup":
            if not is_group(group, limits.group_characters):
                raise BadAdmission(
                    f"webpubsub_mode=sendToGroup needs group, of 1 to {limits.group_characters} characters"
                )
            if no_echo.lower() not in ("", "true", "false"):
                raise BadAdmission("noEcho must be true or false")
            return RawCodec(group, no_echo.lower() == "true")
    raise BadAdmission("webpubsub_mode must be sendEvent or sendToGroup")


def checked_admission(admission: Admission, limits: Limits) -> Admission:
    """The admission itself; raises BadAdmission for an invalid user id, group or role, or too many groups."""
    if admission.user_id is not None and not is_user_id(admission.user_id):
        raise BadAdmission("the user id must not hold control characters")
    for group in admission.groups:
        if not is_group(group, limits.group_characters):
            raise BadAdmission(f"a group must be 1 to {limits.group_characters} characters, not only white space")
    if 0 < limits.groups_per_connection < len(admission.groups):
        raise BadAdmission(f"a connection may be in at most {limits.groups_per_connection} groups")
    try:
        Permissions(admission.roles, limits)
    except BadRole as error:
        raise BadAdmission(str(error)) from None
    return admission
