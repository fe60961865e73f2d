"""The page's table of what looks like what is Unicode's."""

import unicodedata

from homoglyph.data import load_prototypes

from tests.names.confusables import TABLE, table


def test_the_table_of_the_page_is_what_unicode_has_now() -> None:
    assert TABLE.read_text() == table(), "Run `make confusables`."


def test_it_knows_the_letters_that_pass_for_those_of_ascii() -> None:
    prototypes = load_prototypes()
    latin, cyrillic = "aceijopsxy", "асеіјорѕху"
    assert [prototypes[ord(letter)] for letter in cyrillic] == list(latin)
    assert all(unicodedata.name(letter).startswith("CYRILLIC") for letter in cyrillic)
