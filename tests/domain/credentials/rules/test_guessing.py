"""The estimate: never above zxcvbn's own, bounded in time, and free of anybody else's words."""

import runpy
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zxcvbn import frequency_lists, matching, zxcvbn

from kundenportal.domain.credentials.rules.guessing import LONGEST_ESTIMATED, estimate
from kundenportal.domain.credentials.rules.keyboards import GERMAN_KEYBOARD
from kundenportal.domain.credentials.rules.verdict import Reason

anything = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=LONGEST_ESTIMATED)
PARTS = "password love dragon qwerty 2019 1987 12.3.87 aaaa abc 321 p4ss @dmin Tiger LONDON x K 7 ! - zq mary esrever"
likely = st.lists(st.sampled_from(PARTS.split()), min_size=1, max_size=6).map("".join)


@pytest.fixture(scope="module", autouse=True)
def _zxcvbn_knows_its_words() -> Iterator[None]:
    # Ours does without them.
    matching.add_frequency_lists(runpy.run_path(frequency_lists.__file__)["FREQUENCY_LISTS"])
    yield
    matching.RANKED_DICTIONARIES.clear()


@settings(deadline=None, max_examples=300)
@given(st.one_of(likely, st.text(alphabet="abcxyzAZ019 -.", min_size=1, max_size=20)))
def test_more_words_never_make_a_password_stronger_than_zxcvbn_thinks(password: str) -> None:
    ours, theirs = estimate(password, ()).guesses, float(zxcvbn(password)["guesses"])
    assert ours <= theirs * 1.000001


@pytest.mark.parametrize(
    "password", ["correcthorsebatterystaple", "Tr0ub4dour&3", "qwER43@!", "D0g..................", "2001-09-11 ok"]
)
def test_where_german_words_do_not_matter_the_estimate_is_zxcvbns(password: str) -> None:
    ours, theirs = estimate(password, ()).guesses, float(zxcvbn(password)["guesses"])
    assert theirs / 20 <= ours <= theirs * 1.000001


@settings(deadline=None, max_examples=200)
@given(anything, st.lists(st.text(max_size=12), max_size=4))
def test_any_text_has_an_estimate_and_a_main_part(password: str, own_words: list[str]) -> None:
    estimated = estimate(password, own_words)
    assert estimated.guesses >= 1
    assert isinstance(estimated.mainly, Reason)


@pytest.mark.parametrize(
    "password", ["12341\n", "12341\n12341\n", "a\u2028b\u2029c\0d", "İİİİİİİİ", "ẞẞ", "٣٤٥٦٧٨٩٠", "²³"]
)
def test_what_zxcvbn_stumbles_over_is_estimated(password: str) -> None:
    assert estimate(password, ()).guesses >= 1


def test_zxcvbn_still_stumbles() -> None:
    """When this fails, zxcvbn has mended its date matcher and a line of ours may go."""
    with pytest.raises(ValueError, match="invalid literal"):
        zxcvbn("12341\n")


def test_the_capital_that_becomes_two_small_letters_shifts_nothing() -> None:
    assert estimate("İpasswort", ()).guesses == estimate("Ipasswort", ()).guesses


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("schützenverein1", Reason.DICTIONARY),
        ("Schuetzenverein1", Reason.DICTIONARY),
        ("SCHÜTZENVEREIN1", Reason.DICTIONARY),
        ("nierevneztühcs", Reason.DICTIONARY),
        ("Weihnachten2025", Reason.DICTIONARY),
        ("W31hn4cht3n", Reason.DICTIONARY),
        ("wonderful", Reason.DICTIONARY),
        ("Schäfermüller", Reason.NAME),
        ("Schaefer1", Reason.NAME),
        ("mohammad", Reason.NAME),
        ("dragon1x", Reason.SIMILAR_TO_COMMON),
        ("p4$$w0rt", Reason.DICTIONARY),
        ("abcdefghi", Reason.SEQUENCE),
        ("rqponmlkj", Reason.SEQUENCE),
        ("xxxxxxxxx", Reason.REPEAT),
        ("kqxkqxkqx", Reason.REPEAT),
        ("6zhn7ujm", Reason.KEYBOARD),
        ("yxcvbnm,.-", Reason.KEYBOARD),
        ("qwertzuiopü", Reason.KEYBOARD),
        ("asdfghjklöä", Reason.KEYBOARD),
        ("9ijn8uhb", Reason.KEYBOARD),
        ("17.03.1987", Reason.DATE),
        ("k2029", Reason.DATE),
        ("kxqv2025", Reason.DATE),
        ("kx9vq2w7", Reason.SHORT),
        ("Xk2!q2025", Reason.SHORT),
        ("zorgon42", Reason.OWN_WORD_INSIDE),
    ],
)
def test_names_what_most_of_the_password_consists_of(password: str, reason: Reason) -> None:
    assert estimate(password, ["zorgon"]).mainly is reason


@pytest.mark.parametrize("year", ["1955", "2009", "2019", "2025", "2039"])
def test_every_year_of_a_life_is_known(year: str) -> None:
    assert estimate(f"kxq{year}", ()).guesses < 1_000_000


@pytest.mark.parametrize(
    ("key", "neighbours"),
    [
        # left, above left, above right, right, below right, below left
        ("g", ["fF", "tT", "zZ", "hH", "bB", "vV"]),
        ("G", ["fF", "tT", "zZ", "hH", "bB", "vV"]),
        ("y", ["<>", "aA", "sS", "xX", None, None]),
        ("ü", ["pP", "ß?", "´`", "+*", "äÄ", "öÖ"]),
        ("^", [None, None, None, "1!", None, None]),
    ],
)
def test_keys_know_their_neighbours(key: str, neighbours: list[str | None]) -> None:
    assert GERMAN_KEYBOARD[key] == neighbours


def test_a_turn_of_the_german_keyboard_costs_more_than_a_line() -> None:
    assert estimate("qwertzui", ()).guesses < estimate("qwertghj", ()).guesses < 10**7


@pytest.mark.parametrize("spelling", ["gürzenich", "guerzenich", "gurzenich", "GÜRZENICH"])
def test_own_words_are_known_in_every_spelling(spelling: str) -> None:
    assert estimate(spelling, ["gürzenich"]).guesses < 100 < estimate(spelling, ()).guesses


def test_own_words_of_one_are_not_the_words_of_the_next() -> None:
    unknown = estimate("zorgonquax", ()).guesses
    assert estimate("zorgonquax", ["zorgonquax"]).guesses < 10
    assert estimate("zorgonquax", ()).guesses == unknown


def test_own_words_are_kept_apart_when_many_are_judged_at_once() -> None:
    names = [f"zorgon{letter * 3}quax" for letter in "abcdefgh"]
    guesses = {(name, word): estimate(name, [word]).guesses for name in names for word in names}
    wrong: list[tuple[str, str]] = []

    def judge(name: str) -> None:
        wrong.extend((name, word) for word in names * 3 if estimate(name, [word]).guesses != guesses[name, word])

    threads = [threading.Thread(target=judge, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_what_follows_the_longest_estimated_part_changes_nothing() -> None:
    head = "ab" * (LONGEST_ESTIMATED // 2)
    assert estimate(head + "Xk2!q9", ()) == estimate(head, ())
    assert estimate(head[:-1] + "X", ()) != estimate(head, ())


def _slow_passwords() -> Iterator[str]:
    """What took longest of many: look-alikes, look-alikes that are words, repetitions, none at all."""
    yield "{186($7$!<7$1!42@76e%a1474+4!<||537$n|0n34s4|s0[9(1ea5<a9%$|!% $3  [0|0a"
    yield "4@8({[<36910!|7$5+%2" * 7
    yield "1|7" * 43
    yield "es" * 64
    yield "x" * 128
    thue = "a"
    while len(thue) < LONGEST_ESTIMATED:
        thue = "".join({"a": "abc", "b": "ac", "c": "b"}[letter] for letter in thue)
    yield thue
    yield thue.translate(str.maketrans("abc", "1|7"))
    yield "the an in ist und der es so er re me man on" * 3


@pytest.mark.parametrize("password", [*_slow_passwords()])
def test_no_password_keeps_a_process_busy(password: str) -> None:
    """Measured at most 90 ms; without the bound on look-alikes and length it was above a second."""
    estimate("warm", ())
    begun = time.thread_time()
    estimate(password, ["anna", "beispiel"])
    assert time.thread_time() - begun < 0.4


def test_at_most_eight_readings_of_look_alikes(monkeypatch: pytest.MonkeyPatch) -> None:
    readings: list[str] = []
    translate = matching.translate

    def read(password: str, letters: dict[str, str]) -> str:
        readings.append(password)
        return str(translate(password, letters))

    monkeypatch.setattr(matching, "translate", read)
    estimate("4@8({[<36910!|7$5+%2", ())
    assert len(readings) == 8
