"""Facts: what has been acknowledged to people, and when. Anything without an answer is uncertain."""

import time
from collections import Counter
from dataclasses import dataclass, field

# When Azurite is killed, it loses what it has acknowledged but not saved. It saves after 250 ms, or after fifty times
# the duration of a save (``local/azurite.mjs``), which is longer on a busy machine.
AUTOSAVE_SECONDS = 3.0


@dataclass
class Fact:
    """A fact. ``value`` is the last acknowledged one, None if unknown.

    ``asked`` says that a change is in progress.
    """

    value: object = None
    since: float = 0.0
    asked: bool = False

    def is_now(self, value: object) -> None:
        self.value, self.since = value, time.monotonic()


@dataclass
class Said:
    """A message. ``kept`` says whether it must be in the history, ``text`` is the text it must have there.

    ``number`` counts its author's messages; ``reactions`` are by user.
    """

    room: str
    author: str
    number: int
    sent: float
    kept: Fact = field(default_factory=Fact)
    text: Fact = field(default_factory=Fact)
    reactions: dict[str, Fact] = field(default_factory=dict)


class Facts:
    """All facts. ``members`` and ``read`` are by user and chat; ``living`` says for each chat whether it exists."""

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
        """How long before the next power cut it was acknowledged, in words, to explain a difference."""
        ahead = [cut - fact.since for cut in self.cuts if cut > fact.since]
        return f"{min(ahead):.1f} s before the power was cut" if ahead else "after the power was cut, if ever"

    def may_be_gone(self, since: float) -> bool:
        """Whether a fact acknowledged at that time may have been lost in a power cut. Killing takes a moment."""
        return any(cut - AUTOSAVE_SECONDS < since < cut + 1 for cut in self.cuts)

    def power_was_cut(self, cut: float) -> None:
        """Marks what was acknowledged just before the power cut as uncertain."""
        self.cuts.append(cut)
        for fact in self.every():
            if fact.value is not None and fact.since > cut - AUTOSAVE_SECONDS:
                fact.value = None
                self.counted["acknowledged within Azurite's autosave before it was killed"] += 1
