"""Which words a person is known by, and when a password is made of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kundenportal.domain.credentials.rules.own_words import characters_beside, own_words

WORDS = own_words(
    name="Anna-Lena von Müller-Groß",
    address="a.mueller1987@kirche-musterstadt.example.org",
    organisations=["Ev.-luth. Kirchengemeinde St. Martin", "DRK e. V."],
    portal_name="Kundenportal COMRAMO",
)


def test_words_come_from_name_address_organisations_and_portal() -> None:
    assert WORDS == (
        "anna",
        "lena",
        "müller",
        "gross",
        "mueller1987",
        "mueller",
        "1987",
        "kirche",
        "musterstadt",
        "example",
        "luth",
        "kirchengemeinde",
        "martin",
        "drk",
        "kundenportal",
        "comramo",
    )


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("buero@example.org", ("buero", "example")),
        ("anna@mail.example.co.uk", ("anna", "mail", "example")),
        ("anna@www.example.com.tr", ("anna", "example")),
        ("anna@kita.church", ("anna", "kita")),
        ("de@de.de", ()),
        ("com@com.com", ("com",)),
        ("kita_4you@example.net", ("kita", "4you", "you", "example")),
        ("ANNA+post@EXAMPLE.ORG", ("anna", "post", "example")),
        ("", ()),
    ],
)
def test_words_of_an_address(address: str, words: tuple[str, ...]) -> None:
    assert own_words(name="", address=address, organisations=(), portal_name="") == words


def test_decomposed_umlauts_are_the_same_word() -> None:
    composed, decomposed = "M\u00fcller", "Mu\u0308ller"
    assert own_words(name=decomposed, address="", organisations=(), portal_name="") == (composed.casefold(),)


@pytest.mark.parametrize(
    ("password", "word", "left"),
    [
        ("12345678", "anna", 8),
        ("anna1234", "anna", 4),
        ("ANNA1234", "anna", 4),
        ("1234anna", "anna", 4),
        ("annaanna1", "anna", 1),
        # overlapping finds are counted once
        ("annannanna", "annanna", 0),
        # umlauts, in every direction
        ("müller12", "müller", 2),
        ("mueller12", "müller", 2),
        ("muller12", "müller", 2),
        ("Müller12", "mueller", 2),
        ("muller12", "mueller", 2),
        ("Mueller12", "muller", 2),
        ("MÜLLER12", "muller", 2),
        ("Groß1234", "gross", 4),
        ("Gross1234", "groß", 4),
        ("GROẞ1234", "gross", 4),
        ("Größe123", "groesse", 3),
        ("Jose1234", "josé", 4),
        ("José1234", "jose", 4),
        # an umlaut's e is no part of the word that follows, nor of the one before
        ("AnnaEberhard", "eberhard", 4),
        ("Annae12345", "anna", 6),
        ("HansSommer", "sommer", 4),
        ("Rothoe123", "rothö", 3),
        ("Rothö1234", "rothoe", 4),
        ("Rothae123", "rothä", 3),
        ("Rothue123", "rothü", 3),
        ("Manuel123", "manuel", 3),
        ("Israel123", "israel", 3),
        # look-alikes
        ("4nn4xyzw", "anna", 4),
        ("@nn@xyzw", "anna", 4),
        ("Mart1nxyz", "martin", 3),
        ("Mart!nxyz", "martin", 3),
        ("Nei11xyz", "neill", 3),
        ("0tt0xyzw", "otto", 4),
        ("Pe7r4xyz", "petra", 3),
        ("P3t3rxyz", "peter", 3),
        ("5u$annexyz", "susanne", 3),
        ("kita4you", "kita4you", 0),
        # a three-letter word counts where it stands alone
        ("ute12345", "ute", 5),
        ("UteMeier1", "ute", 6),
        ("12Ute345", "ute", 5),
        ("Minute12", "ute", 8),
        ("Utensil12", "ute", 9),
        ("Statuten", "ute", 8),
        ("drk-2024", "drk", 4),
        # what joins words is no sign of its own next to one
        ("anna.xyz", "anna", 3),
        ("anna - xyz", "anna", 5),
        ("x-y-z-anna", "anna", 5),
        ("anna#xyz", "anna", 4),
        # too short to be a word
        ("ab345678", "ab", 8),
        ("ab345678", "", 8),
    ],
)
def test_characters_beside_an_own_word(password: str, word: str, left: int) -> None:
    assert characters_beside(password, [word]) == left


@pytest.mark.parametrize(
    ("password", "left"),
    [
        ("Anna.Müller", 0),
        ("Anna Lena Müller-Groß", 0),
        ("a.mueller1987@kirche-musterstadt.example.org", len("aorg")),
        ("martinanna", 0),
        ("DRKMartin2024", 4),
        ("martindrk1", 1),
        ("Kirchengemeinde-Musterstadt!", 1),
        ("C0mr4m0_Kund3np0r7a1", 0),
        ("Kundenportal2024!", 5),
    ],
)
def test_words_are_taken_out_together(password: str, left: int) -> None:
    assert characters_beside(password, WORDS) == left


def test_a_short_word_counts_beside_a_long_one_whatever_their_order() -> None:
    for words in (["ute", "anna"], ["anna", "ute"], ["ott", "drkmann"]):
        assert characters_beside("".join(sorted(words, key=len, reverse=True)) + "12", words) == 2


anything = st.text(alphabet=st.characters(exclude_categories=()), max_size=40)


@given(anything, st.lists(anything, max_size=5))
def test_any_text_can_be_looked_through(password: str, words: list[str]) -> None:
    assert 0 <= characters_beside(password, words) <= len(password)
    assert characters_beside(password, []) == len(password)


@given(anything, anything, st.lists(anything, max_size=3), anything)
def test_own_words_of_anything_are_small_and_long_enough(
    name: str, address: str, organisations: list[str], portal_name: str
) -> None:
    words = own_words(name=name, address=address, organisations=organisations, portal_name=portal_name)
    assert len(set(words)) == len(words)
    assert all(len(word) >= 3 and word == word.casefold() for word in words)


@given(st.text(alphabet="abcdefghijklmnop", min_size=4, max_size=12), st.text(alphabet="qvwxyz0", max_size=9))
def test_a_word_is_found_before_and_behind_anything(word: str, other: str) -> None:
    assert characters_beside(word + other, [word]) <= len(other)
    assert characters_beside(other + word.upper(), [word]) <= len(other)
