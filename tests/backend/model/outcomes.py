"""All allowed states of the chats after concurrent acts, and after acts with an unknown result.

Concurrent acts are equivalent to some order of them. An act that was abandoned after faults has happened or has not:
anything in between is settled by a retry or by the next read of the users concerned, and no other state is allowed
afterwards. Two acts are not atomic: opening a private chat adds one user and then the other, and removing a member from
a group ends its link first. While a block is being created or lifted, the blocked user may be able to write, or be
refused. A later attempt may be answered for the effect of an earlier one that failed.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from tests.backend.model.chats import Act, Chats, Room, chat_of, not_for_owners


@dataclass(frozen=True)
class Half:
    """The opening of a private chat that was abandoned when only ``side`` had joined it."""

    act: Act
    side: str

    def happens(self, chats: Chats) -> None:
        room = chats.setdefault(chat_of(self.act), Room("", "", "private", []))
        if self.side not in room.members:
            room.members.append(self.side)


@dataclass(frozen=True)
class LinkOnly:
    """A removal that was abandoned when it had only ended the link."""

    act: Act

    def happens(self, chats: Chats) -> None:
        room = chats.at(chat_of(self.act))
        if not not_for_owners(room, self.act.user) and self.act.data["userId"] != self.act.user:
            room.invite = ""


@dataclass(frozen=True)
class OnTheWay:
    """A removal of a non-member whose joining or leaving was abandoned before: it ends the link, too."""

    act: Act

    def happens(self, chats: Chats) -> bool:
        """False when it cannot have been so."""
        room = chats.get(chat_of(self.act))
        if room is None or self.act.answer or not_for_owners(room, self.act.user):
            return False
        if self.act.data["userId"] in room.members:
            return False
        room.invite = ""
        return True


@dataclass(frozen=True)
class Silenced:
    """A message that was refused while a block of its author was being created or lifted."""

    act: Act

    def happens(self, chats: Chats) -> bool:
        """False when it cannot have been so."""
        return chats.may_be_silenced(self.act.user, chat_of(self.act))


def variants(act: Act) -> list[Any]:
    """The possible results of an act: it happened; if unknown, it may not have, or only one of its two parts did."""
    if act.noticed:
        return [None]
    if act.answer is not None:
        also: list[OnTheWay | Silenced] = [OnTheWay(act)] if act.event == "removeMember" else []
        if act.answer == "Blocked" and act.event != "createPrivateChat":
            also = [Silenced(act)]
        return [act, None, *also] if act.repeated else [act, *also]
    match act.event:
        case "createPrivateChat":
            return [act, None, *(Half(act, side) for side in (act.user, act.data["targetUserId"]))]
        case "removeMember":
            return [act, None, LinkOnly(act)]
    return [act, None]


def outcomes(before: Chats, works: Sequence[Sequence[Act]]) -> Iterator[Chats]:
    """All states that these acts can have led to; the acts of one of ``works`` happened in order."""
    acts = [(number, act) for number, work in enumerate(works) for act in work]
    for order in itertools.permutations(range(len(acts))):
        in_turn = all(acts[one][0] != acts[other][0] or one < other for one, other in itertools.combinations(order, 2))
        if in_turn:
            yield from _played(before, [acts[index][1] for index in order])


def _played(before: Chats, acts: Sequence[Act]) -> Iterator[Chats]:
    for chosen in itertools.product(*map(variants, acts)):
        chats = deepcopy(before)
        chats.unsettled |= {(act.user, act.data["userId"]) for act in acts if act.event in ("blockUser", "unblockUser")}
        if all(_fits(chats, act, variant) for act, variant in zip(acts, chosen, strict=True)):
            yield chats


def _fits(chats: Chats, act: Act, variant: Any) -> bool:
    """Applies the variant; False if the user got a different answer."""
    if not isinstance(variant, Act):
        return variant is None or variant.happens(chats) is not False
    code = chats.perform(variant)
    return act.repeated or act.answer is None or reason(act.answer) == reason(code)


def reason(code: str) -> str:
    """Chat and member are read concurrently, so which of them is reported missing may depend on concurrent acts."""
    return "NoAccess" if code in ("ChatNotFound", "NotAMember", "NotTheOwner", "InviteNotFound") else code


def tried_before(act: Act) -> Act:
    """A failed attempt at the same act, which may still have taken effect."""
    return replace(act, answer=None, repeated=True)


def explained(works: Sequence[Sequence[object]], before: Chats, seen: Chats, possible: Iterable[Chats]) -> str:
    """A description of what happened, for a state that is not allowed."""
    lines = ["No order of these events leads to what storage holds:"]
    lines += [f"  {' then '.join(map(str, work))}" for work in works]
    lines += [f"before: {before}", f"found: {seen}"]
    lines += sorted({f"possible: {one}" for one in possible})
    return "\n".join(lines)
