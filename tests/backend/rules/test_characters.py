"""Texts are cut between grapheme clusters."""

import random

import pytest

from shared.model.limits import USER_NAME_CHARACTERS
from shared.model.text.characters import LONGEST_CHARACTER, cut
from shared.model.text.names import hinted_name

WHOLE = [
    "a",
    "é",
    "e\u0301",
    "🎉",
    "👍🏽",
    "👩‍👩‍👧‍👦",
    "🇩🇪",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "❤️",
    "1️⃣",
    "कि",
    "\u1112\u1161\u11ab",
    "ｶﾞ",
    "ปี",
    "한",
    " ",
]


@pytest.mark.parametrize("seed", range(50))
def test_what_is_left_is_whole_characters_and_as_many_as_fit(seed: int) -> None:
    some = random.Random(seed).choices(WHOLE, k=20)
    text = "".join(some)
    beginnings = {"".join(some[:many]) for many in range(len(some) + 1)}
    for longest in range(len(text) + 2):
        fitting = max((one for one in beginnings if len(one) <= longest), key=len)
        assert cut(text, longest) == fitting


def test_a_pile_of_marks_is_cut_all_the_same() -> None:
    assert cut("a" + "\u0301" * 500, 100) == "a" + "\u0301" * 99
    assert len(cut("👩" + "\u200d👩" * 500, 100)) > 100 - LONGEST_CHARACTER


def test_a_name_from_elsewhere_ends_with_a_whole_character() -> None:
    short = "x" * (USER_NAME_CHARACTERS - 3)
    assert hinted_name(short + "👩‍👩‍👧‍👦 Ann", "?") == short
    assert hinted_name(short + "abq\u0301", "?") == short + "ab"
