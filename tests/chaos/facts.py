"""What people have been told is so, and since when; what they were not told is unsure."""

import time
from collections import Counter
from dataclasses import dataclass, field

# What Azurite has acknowledged and not yet written is gone when it is killed. It writes after 250 ms, or after fifty
# times what a write takes (``local/azurite.mjs``), which is longer where the machine has much else to do.
AUTOSAVE_SECONDS = 3.0


@dataclass
class Fact:
    """Something that was so or not. ``value`` is the last that was acknowledged, None when nobody knows.

    ``asked`` is that somebody is just changing it.
    """

    value: object = None
    since: float = 0.0
    asked: bool = False

    def is_now(self, value: object) -> None:
        self.value, self.since = value, time.monotonic()


@dataclass
class Said:
    """A message; ``kept`` is whether it must be in the history, ``text`` what it must say there.

    ``number`` counts its author's messages, ``reactions`` are by user.
    """

    room: str
    author: str
    number: int
    sent: float
    kept: Fact = field(default_factory=Fact)
    text: Fact = field(default_factory=Fact)
    reactions: dict[str, Fact] = field(default_factory=dict)


class Facts:
    """``members`` are by user and chat, ``read`` likewise; ``living`` says of each chat whether it is there."""

    def __init__(self) -> None:
        self.said: dict[str, Said] = {}
        self.members: dict[tuple[str, str], Fact] = {}
        self.read: dict[tuple[str, str], Fact] = {}
        self.living: dict[str, Fact] = {}
        self.counted: Counter[str] = Counter()
        self.longest = 0.0
        self.lost: list[str] = []
        self.cuts: list[float] = []

    def every(self) -> list[Fact]:
        of_messages = [fact for one in self.said.values() for fact in (one.kept, one.text, *one.reactions.values())]
        return [*of_messages, *self.members.values(), *self.read.values(), *self.living.values()]

    def age(self, fact: Fact) -> str:
        """How long before the next cut it was acknowledged, in words; for whoever asks why it is not so."""
        ahead = [cut - fact.since for cut in self.cuts if cut > fact.since]
        return f"{min(ahead):.1f} s before the power was cut" if ahead else "after the power was cut, if ever"

    def may_be_gone(self, since: float) -> bool:
        """Whether what was acknowledged then had not to be written when the power was cut; killing takes a moment."""
        return any(cut - AUTOSAVE_SECONDS < since < cut + 1 for cut in self.cuts)

    def power_was_cut(self, cut: float) -> None:
        """What was acknowledged just before may be as it was before that."""
        self.cuts.append(cut)
        for fact in self.every():
            if fact.value is not None and fact.since > cut - AUTOSAVE_SECONDS:
                fact.value = None
                self.counted["acknowledged within Azurite's autosave before it was killed"] += 1
