"""Every state in which acts may have left the chats that happened at the same time, or of which nobody knows.

Acts at the same time happened in some order. An act that was given up after faults has happened or has not, and what it
left between the two is settled by its retry or by the next look of those it concerns: no state but these is allowed
afterwards. Two acts have two parts that can be seen apart: opening a private chat lets in one and the other, and
removing somebody from a group ends its link first. As long as a block is being made or lifted, who is blocked may still
write, or be refused. An attempt that failed may have done what a later one is answered.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from tests.backend.model.chats import Act, Chats, Room, chat_of, not_for_owners


@dataclass(frozen=True)
class Half:
    """The opening of a private chat that was given up when only ``side`` had entered it."""

    act: Act
    side: str

    def happens(self, chats: Chats) -> None:
        room = chats.setdefault(chat_of(self.act), Room("", "", "private", []))
        if self.side not in room.members:
            room.members.append(self.side)


@dataclass(frozen=True)
class LinkOnly:
    """A removal that was given up when it had only ended the link."""

    act: Act

    def happens(self, chats: Chats) -> None:
        room = chats.get(chat_of(self.act))
        if not not_for_owners(room, self.act.user) and self.act.data["userId"] != self.act.user:
            room.invite = ""


@dataclass(frozen=True)
class OnTheWay:
    """A removal of somebody who is no member, but whose coming or going was given up before: it ends the link, too."""

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
    """Words of somebody that were refused while a block of them was being made or lifted."""

    act: Act

    def happens(self, chats: Chats) -> bool:
        """False when it cannot have been so."""
        return chats.may_be_silenced(self.act.user, chat_of(self.act))


def variants(act: Act) -> list[Any]:
    """What may have become of an act: it happened; where nobody knows, it did not, or only one of two things did."""
    if act.noticed:
        return [None]
    if act.answer is not None:
        also = [OnTheWay(act)] if act.event == "removeMember" else []
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
    """Every state that these acts can have led to; those of one of ``works`` happened one after another."""
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
    """Lets the variant happen; False when the user was answered otherwise."""
    if not isinstance(variant, Act):
        return variant is None or variant.happens(chats) is not False
    code = chats.perform(variant)
    return act.repeated or act.answer is None or reason(act.answer) == reason(code)


def reason(code: str) -> str:
    """Chat and member are looked up at the same time: which of them is missed may depend on what others just do."""
    return "NoAccess" if code in ("ChatNotFound", "NotAMember", "NotTheOwner", "InviteNotFound") else code


def tried_before(act: Act) -> Act:
    """An attempt at the same that failed, and may yet have done it."""
    return replace(act, answer=None, repeated=True)


def explained(works: Sequence[Sequence[object]], before: Chats, seen: Chats, possible: Iterable[Chats]) -> str:
    """What happened, and that it fits nothing that may happen."""
    lines = ["No order of these events leads to what storage holds:"]
    lines += [f"  {' then '.join(map(str, work))}" for work in works]
    lines += [f"before: {before}", f"found: {seen}"]
    lines += sorted({f"possible: {one}" for one in possible})
    return "\n".join(lines)
