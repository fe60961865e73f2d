"""One rule of folding, in the page and in the backend."""

import json
import subprocess
import unicodedata
from pathlib import Path

import pytest

from shared.model.text import folding
from shared.model.text.folding import folded

HERE = Path(__file__).parents[2] / "folding"
CASES = json.loads((HERE / "cases.json").read_text("utf-8"))


@pytest.mark.parametrize(("text", "fold"), CASES["folds"])
def test_a_text_is_looked_for_as_its_fold_however_its_letters_are_written(text: str, fold: str) -> None:
    assert folded(text) == fold
    assert folded(unicodedata.normalize("NFC", text)) == fold
    assert folded(unicodedata.normalize("NFD", text)) == fold
    assert folded(fold) == fold


@pytest.mark.parametrize(("one", "other"), CASES["different"])
def test_other_letters_stay_other_letters(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_case_and_a_second_folding_change_nothing_in_any_character() -> None:
    for character in map(chr, range(0x110000)):
        if unicodedata.category(character) in ("Cn", "Co"):
            continue
        forms = {character, character.lower(), folded(character)}
        if "\u0345" not in unicodedata.normalize("NFD", character):  # Greek writes this mark as a letter in upper case
            forms |= {character.upper(), character.casefold()}
        assert {folded(form) for form in forms} == {folded(character)}, hex(ord(character))


def test_the_page_folds_every_character_as_the_backend_does() -> None:
    printed = subprocess.run(["node", HERE / "folds.mjs"], capture_output=True, check=True, text=True, encoding="utf-8")
    # Python and Node may have different versions of Unicode; characters in both versions fold the same.
    both = [(code, fold) for code, fold in json.loads(printed.stdout) if unicodedata.category(chr(code)) != "Cn"]
    assert len(both) > 140_000
    assert [(hex(code), fold, folded(chr(code))) for code, fold in both if fold != folded(chr(code))] == []


def test_no_character_is_worked_out_twice_whatever_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    every = "".join(map(chr, range(folding._CHARACTERS)))
    first = folded(every)
    assert len(folding._folds) < 30_000
    monkeypatch.setattr(folding, "_folded_one", lambda _: pytest.fail("worked out again"))
    assert folded(every) == first
    assert folded("Zoë") == "zoe"
