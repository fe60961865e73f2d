"""The tables of confusable characters are Unicode's, and nobody can take one of Chatr's names with other letters."""

import json
import unicodedata
from collections import defaultdict

import pytest
from homoglyph.data import load_prototypes
from hypothesis import given
from hypothesis import strategies as st

from shared.model.limits import USER_NAME_CHARACTERS
from shared.model.text.lookalikes import TABLE as OWN_TABLE
from shared.model.text.names import OWN_NAMES, tidy_user_name
from tests.conftest import ROOT
from tests.names.confusables import TABLE, own_table, table

ALIKE: dict[str, list[str]] = defaultdict(list)
for _code, _prototype in load_prototypes().items():
    ALIKE[_prototype].append(chr(_code))


def test_the_table_of_the_page_is_what_unicode_has_now() -> None:
    assert TABLE.read_text() == table(), "Run `make confusables`."
    assert OWN_TABLE.read_text() == own_table(), "Run `make confusables`."


def test_it_knows_the_letters_that_pass_for_those_of_ascii() -> None:
    prototypes = load_prototypes()
    latin, cyrillic = "aceijopsxy", "асеіјорѕху"
    assert [prototypes[ord(letter)] for letter in cyrillic] == list(latin)
    assert all(unicodedata.name(letter).startswith("CYRILLIC") for letter in cyrillic)


def refused(name: str) -> bool:
    try:
        tidy_user_name(name, "userName")
    except ValueError:
        return True
    return False


@pytest.mark.parametrize("own", [*OWN_NAMES, *map(str.upper, OWN_NAMES), *map(str.lower, OWN_NAMES)])
def test_no_letter_of_any_script_makes_a_name_pass_for_one_of_chatrs_own(own: str) -> None:
    tried = 0
    for at, letter in enumerate(own):
        # A letter that looks like two letters, and two letters that look like one.
        looks = {letter: 1, load_prototypes().get(ord(letter), letter): 1, own[at : at + 2]: 2}
        for like, length in looks.items():
            for sign in [like, *ALIKE[like]]:
                name = own[:at] + sign + own[at + length :]
                assert len(name) > USER_NAME_CHARACTERS or refused(name), (name, f"U+{ord(sign[0]):04X}")
                tried += 1
    assert tried > 20 * len(own)


@given(st.sampled_from(OWN_NAMES), st.data())
def test_nor_do_several_in_any_case(own: str, data: st.DataObject) -> None:
    letters = [one for letter in own for one in (letter.lower(), letter.upper())]
    each = [[one, *ALIKE[one]] for one in letters]
    name = "".join(data.draw(st.sampled_from(each[2 * at] + each[2 * at + 1])) for at in range(len(own)))
    assert refused(name), name


@pytest.mark.parametrize("name", ["Сhatr", "Chаtr", "Somеone", "ＣＨＡＴＲ", "Sorneone", "S0meone", "ꮯhatr", "Ϲһatr"])
def test_these_are_refused(name: str) -> None:
    assert refused(name)


@pytest.mark.parametrize("name", ["Charter", "Chat", "Simone", "Somerone", "Chatroom", "Chair", "Сергей", "Хатр"])
def test_names_that_only_resemble_them_are_not(name: str) -> None:
    assert not refused(name)


def test_all_legitimate_names_stay() -> None:
    scripts = json.loads((ROOT / "tests/names/legitimate.json").read_text()).values()
    assert not any(refused(unicodedata.normalize("NFC", name)) for names in scripts for name in names)
