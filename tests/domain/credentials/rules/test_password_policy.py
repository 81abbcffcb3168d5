"""One policy for every chosen password: what is refused, what is weak, what is strong, and what is suggested."""

import subprocess
import sys
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kundenportal.domain.credentials.rules import password_policy
from kundenportal.domain.credentials.rules.initial_passwords import generate_initial_password
from kundenportal.domain.credentials.rules.password_policy import (
    LONGEST,
    SHORTEST,
    STRONG_GUESSES,
    SUGGESTION_ALPHABET,
    SUGGESTION_LENGTH,
    Reason,
    Strength,
    judge,
    normalised_chosen_password,
    own_words,
    score_of,
    strength_of,
    suggest_password,
)

WORDS = own_words(
    name="Anna Beispiel",
    address="anna.beispiel@kirche-musterstadt.example.org",
    organisations=["Evangelische Kirchengemeinde Musterstadt", "DRK Ort"],
    portal_name="Kundenportal COMRAMO",
)
GROUNDS_FOR_REFUSAL = {
    Reason.NOT_TEXT,
    Reason.TOO_SHORT,
    Reason.TOO_LONG,
    Reason.COMMON,
    Reason.OWN_WORDS,
}
RANDOM_SIGNS = "kx9vQ2w7zLp4!hR8"  # nothing in it that a dictionary knows

given_names = st.sampled_from(["Anna", "Ute", "Jörg", "Kai-Uwe", "Mariam", "Zoë", "Max", "Fay", "Kay", "Mara"])
surnames = st.sampled_from(["Beispiel", "Müller-Groß", "von der Aue", "Wurm", "Mustermann", "Ax", "Kramfaktur"])
places = st.sampled_from(["Musterstadt", "Beispielhausen", "Ort am Wald", "Arzt", "Markt Muster"])


def words_of_somebody(given_name: str, surname: str, place: str, office: str) -> tuple[str, ...]:
    return own_words(
        name=f"{given_name} {surname}",
        address=f"{given_name[0]}.{surname.rsplit(maxsplit=1)[-1]}@{office}.example.org".lower(),
        organisations=[f"Ev.-luth. Kirchengemeinde {place}", f"Kindertagesstätte {place}"],
        portal_name="Kundenportal COMRAMO",
    )


somebodys_words = st.builds(
    words_of_somebody, given_names, surnames, places, st.sampled_from(["kita", "kirche", "awo", "rat", "pfarramt"])
)
anything = st.text(alphabet=st.characters(exclude_categories=()), max_size=150)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", Reason.TOO_SHORT),
        (RANDOM_SIGNS[:7], Reason.TOO_SHORT),
        (RANDOM_SIGNS[:8], None),
        ((RANDOM_SIGNS * 8)[:128], None),
        ((RANDOM_SIGNS * 9)[:129], Reason.TOO_LONG),
        ("x" * 1_000_000, Reason.TOO_LONG),
        # counted in code points, after NFKC
        ("é" * 7, Reason.TOO_SHORT),
        ("e\u0301" * 7, Reason.TOO_SHORT),
        ("😀" * 7, Reason.TOO_SHORT),
        ("😀" * 8, None),
        ("\ufb03k9", Reason.TOO_SHORT),
        ("\ufb03kx9vQ", None),
        ("\ufdfa" * 8, Reason.TOO_LONG),
        ("\u1f82" * 128, None),
        ("\u03b1\u0313\u0300\u0345" * 128, None),
        ("\u03b1\u0313\u0300\u0345" * 128 + "x", Reason.TOO_LONG),
        ("\u03b1\u0313\u0300\u0345" * 129, Reason.TOO_LONG),
        # half a character
        ("\ud800" + RANDOM_SIGNS, Reason.NOT_TEXT),
        (RANDOM_SIGNS + "\udfff", Reason.NOT_TEXT),
        ("\ud83d\ude00", Reason.NOT_TEXT),
        # common
        ("password", Reason.COMMON),
        ("PassWord", Reason.COMMON),
        ("12345678", Reason.COMMON),
        ("Passwort", Reason.COMMON),
        ("weihnachten", Reason.COMMON),
        ("Glücklich", Reason.COMMON),
        ("Gluecklich", Reason.COMMON),
        # own words
        ("anna1234", Reason.OWN_WORDS),
        ("4nn4b3i$p!el", Reason.OWN_WORDS),
        ("Beispiel1987", Reason.OWN_WORDS),
        ("Musterstadt!", Reason.OWN_WORDS),
        ("Kirchengemeinde", Reason.OWN_WORDS),
        ("Evangelische.Kirchengemeinde", Reason.OWN_WORDS),
        ("Kundenportal2024!", Reason.OWN_WORDS),
        ("COMRAMO-123", Reason.OWN_WORDS),
        ("DRK-2024", Reason.OWN_WORDS),
        ("anna.beispiel@kirche-musterstadt.example.org", Reason.OWN_WORDS),
        # seven and eight characters beside an own word
        ("anna" + RANDOM_SIGNS[:7], Reason.OWN_WORDS),
        ("anna" + RANDOM_SIGNS[:8], None),
    ],
)
def test_what_is_refused_and_why(password: str, reason: Reason | None) -> None:
    verdict = judge(password, WORDS)
    if reason is None:
        assert verdict.strength is not Strength.REFUSED
    else:
        assert (verdict.strength, verdict.reason, verdict.score) == (Strength.REFUSED, reason, 0)


@pytest.mark.parametrize(
    "words",
    [["Beispiel"], ["BEISPIEL"], ["beispiel", "beispiel"], ["x", "", "Beispiel"], ["Beispiel" * 20, "beispiel"]],
)
def test_own_words_are_taken_as_they_come(words: list[str]) -> None:
    assert judge("beispiel1", words).reason is Reason.OWN_WORDS


def test_own_words_of_others_are_no_ground() -> None:
    assert judge("Musterstadt" + RANDOM_SIGNS[:5], WORDS).strength is Strength.REFUSED
    assert judge("Musterstadt" + RANDOM_SIGNS[:5], ()).strength is not Strength.REFUSED


@pytest.mark.parametrize("password", ["wanderungen in der Heide", "Annalen der Physik 1905", "Ortsschild-Zebra-Quark"])
def test_an_own_word_inside_a_long_password_is_no_ground(password: str) -> None:
    assert judge(password, WORDS).strength is Strength.STRONG


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Schützenverein1", Reason.DICTIONARY),
        ("Schu\u0308tzenverein1", Reason.DICTIONARY),
        ("Schuetzenverein1", Reason.DICTIONARY),
        ("SCHÜTZENVEREIN1", Reason.DICTIONARY),
        ("Weihnachten2025", Reason.DICTIONARY),
        ("Konfirmation2026", Reason.DICTIONARY),
        ("Gehaltsabrechnung2026", Reason.DICTIONARY),
        ("Pfarrbüro2024", Reason.DICTIONARY),
        ("Passwort1", Reason.DICTIONARY),
        ("Password1!", Reason.SIMILAR_TO_COMMON),
        ("Müller1987", Reason.NAME),
        ("qwertzuiopü", Reason.KEYBOARD),
        ("yxcvbnm,.", Reason.KEYBOARD),
        ("abcdefghij", Reason.SEQUENCE),
        ("aaaaaaaaaaaa", Reason.REPEAT),
        (" " * 8, Reason.REPEAT),
        ("x" * 128, Reason.REPEAT),
        ("12.03.1987", Reason.DATE),
        (RANDOM_SIGNS[:9], Reason.SHORT),
        ("😀🐶🌲🍎🚗🎈🎁🏠", Reason.SHORT),
        ("comramocomramocomramo%8kx", Reason.OWN_WORDS),
    ],
)
def test_what_is_weak_at_most_and_why(password: str, reason: Reason) -> None:
    verdict = judge(password, WORDS)
    assert verdict.strength is (Strength.REFUSED if reason in GROUNDS_FOR_REFUSAL else Strength.WEAK)
    assert verdict.reason is reason
    assert verdict.score < 4


def test_a_weak_password_mostly_of_own_words_says_so() -> None:
    verdict = judge("Beispiel12345678", WORDS)
    assert (verdict.strength, verdict.reason) == (Strength.WEAK, Reason.OWN_WORD_INSIDE)


@pytest.mark.parametrize("word", ["zorgonquax", "ZORGONQUAX", "\uff3aorgonquax"])
def test_own_words_count_in_the_estimate_as_they_come(word: str) -> None:
    verdict = judge("zorgonquax12345678", [word])
    assert (verdict.strength, verdict.reason) == (Strength.WEAK, Reason.OWN_WORD_INSIDE)


@pytest.mark.parametrize(
    "password",
    [
        RANDOM_SIGNS,
        RANDOM_SIGNS[:10],
        "correct horse battery staple",
        "Hund Katze Maus Elefant",
        "Лошадь-батарея-скрепка",
        "木馬電池正しい綴じ金",
        "kx9v\tQ2w7\0zLp",
    ],
)
def test_what_is_strong(password: str) -> None:
    verdict = judge(password, WORDS)
    assert (verdict.strength, verdict.reason, verdict.score) == (Strength.STRONG, None, 4)


@pytest.mark.parametrize(
    ("guesses", "strength", "score"),
    [
        (1, Strength.WEAK, 0),
        (10**3 - 1, Strength.WEAK, 0),
        (10**3, Strength.WEAK, 1),
        (10**6 - 1, Strength.WEAK, 1),
        (10**6, Strength.WEAK, 2),
        (10**8 - 1, Strength.WEAK, 2),
        (10**8, Strength.WEAK, 3),
        (10**10 - 1, Strength.WEAK, 3),
        (10**10, Strength.STRONG, 4),
        (10.0**300, Strength.STRONG, 4),
        (float("inf"), Strength.STRONG, 4),
    ],
)
def test_strength_and_score_by_guesses(guesses: float, strength: Strength, score: int) -> None:
    assert (strength_of(guesses), score_of(guesses)) == (strength, score)


def test_thresholds_are_those_of_the_rule() -> None:
    assert (SHORTEST, LONGEST, STRONG_GUESSES) == (8, 128, 10**10)


def test_nine_random_signs_are_weak_and_ten_are_strong() -> None:
    """Zxcvbn counts ten guesses for a sign it can make nothing of."""
    assert judge(RANDOM_SIGNS[:9], ()).guesses < 10**10 <= judge(RANDOM_SIGNS[:10], ()).guesses


@pytest.mark.parametrize(
    ("entry", "normalised"),
    [("Mu\u0308ller", "M\u00fcller"), ("\uff21\uff22", "AB"), ("\ufb01", "fi"), (" a b ", " a b "), ("aB-", "aB-")],
)
def test_chosen_passwords_stay_as_typed_but_for_the_way_characters_are_composed(entry: str, normalised: str) -> None:
    assert normalised_chosen_password(entry) == normalised


@settings(deadline=None)
@given(anything)
def test_the_device_makes_no_difference(password: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, password) for form in ("NFC", "NFD"))
    assert normalised_chosen_password(composed) == normalised_chosen_password(decomposed)
    if len(decomposed) <= LONGEST:
        assert judge(composed, WORDS) == judge(decomposed, WORDS)


@settings(deadline=None, max_examples=300)
@given(anything, st.lists(anything, max_size=4))
@example("\ud800", ["\ud800"])
@example("12341\n12341\n", ["\n"])
@example("0" * 128, ["0" * 128])
@example("(((((((((", ["((("])
def test_any_text_is_judged(password: str, words: list[str]) -> None:
    verdict = judge(password, words)
    assert (verdict.reason is None) == (verdict.strength is Strength.STRONG)
    assert (verdict.reason in GROUNDS_FOR_REFUSAL) == (verdict.strength is Strength.REFUSED)
    assert (verdict.score == 4) == (verdict.strength is Strength.STRONG)
    assert verdict.guesses >= 0
    if verdict.strength is not Strength.REFUSED:
        chosen = normalised_chosen_password(password)
        assert chosen.encode()
        assert 8 <= len(chosen) <= 128


@settings(deadline=None, max_examples=300)
@given(somebodys_words)
def test_generated_passwords_are_strong_for_everybody(words: tuple[str, ...]) -> None:
    assert judge(generate_initial_password(), words).strength is Strength.STRONG


@settings(deadline=None, max_examples=300)
@given(st.one_of(somebodys_words, st.lists(st.text(alphabet=SUGGESTION_ALPHABET, max_size=4), max_size=20)))
def test_suggestions_are_strong_for_everybody(words: tuple[str, ...]) -> None:
    suggestion = suggest_password(words)
    assert judge(suggestion, words).strength is Strength.STRONG
    assert {len(group) for group in suggestion.split("-")} == {4}
    assert len(suggestion.replace("-", "")) == SUGGESTION_LENGTH
    assert set(suggestion.replace("-", "")) <= set(SUGGESTION_ALPHABET)


def test_no_suggestion_twice() -> None:
    assert len({suggest_password(WORDS) for _ in range(200)}) == 200


def test_suggestions_that_are_not_strong_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["a" * 16, "abcd" * 4, "kamrkamrkamrka3z", "f7kxz3mwt9ra4juy"])
    monkeypatch.setattr(password_policy, "random_text", lambda *_: next(drawn))
    assert suggest_password(["kamr"]) == "f7kx-z3mw-t9ra-4juy"


def test_a_broken_source_of_randomness_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password_policy, "random_text", lambda *_: "a" * 16)
    with pytest.raises(RuntimeError, match="randomness"):
        suggest_password(())


@pytest.mark.parametrize("pair", ["0o", "il1", "17", "2z", "5s", "6b", "8b", "38", "9gq", "uv", "vy", "mn", "ce"])
def test_no_sign_of_a_suggestion_looks_like_another(pair: str) -> None:
    assert len(set(pair) & set(SUGGESTION_ALPHABET)) <= 1
    assert len(set(SUGGESTION_ALPHABET)) == len(SUGGESTION_ALPHABET)
    assert len(SUGGESTION_ALPHABET) ** SUGGESTION_LENGTH >= 2**64


def test_dictionaries_are_read_at_the_first_password_only() -> None:
    program = (
        "import sys\n"
        "from kundenportal.domain.credentials.rules import password_policy as policy\n"
        "policy.judge('short', ())\n"
        "assert 'zxcvbn' not in sys.modules\n"
        "policy.judge('long enough', ())\n"
        "assert 'zxcvbn' in sys.modules\n"
        "assert 'django' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
