"""The initial password: what it is made of, what is forgiven, when it ends, how it is stored."""

import hmac
import math
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kundenportal.domain.credentials.rules import initial_passwords
from kundenportal.domain.credentials.rules.initial_passwords import (
    ALPHABET,
    LENGTH,
    LIFETIME,
    generate_initial_password,
    grouped,
    initial_password_has_expired,
    initial_password_runs_out_at,
    keyed_hash,
    matches,
    normalised_initial_password,
)
from kundenportal.kernel.randomness import random_text

KEY = b"a key of the portal, kept outside the database"
SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)
HASH_ON_RECORD = "30dd72948dec4a8c6df841931be8b4119e18339df8dc70bd517b312001f0d081"
BERLIN = ZoneInfo("Europe/Berlin")
HANDED_OVER = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)

# Of each group, at most one sign may be in use.
ALIKE_ON_PAPER = [
    "0o",
    "0a",
    "il1",
    "ij",
    "17",
    "2z",
    "5s",
    "6b",
    "68",
    "8b",
    "38",
    "9gq",
    "49",
    "uv",
    "vy",
    "vw",
    "mn",
]
ALIKE_ON_PAPER += ["hn", "ce", "ft", "gy", "kx", "rnm", "cld"]
ALIKE_IN_GERMAN = ["ahk", "bcdegptw", "fs", "sz", "lmn", "uo", "qu", "ie", "23"]
ALIKE_IN_ENGLISH = ["ahjk8", "bcdegptvz3", "fsx", "6x", "mn", "lo", "iy", "59", "quw2", "0o"]
ALIKE_ACROSS_BOTH = ["ar", "ae", "ei", "vw", "jg"]

passwords = st.builds(generate_initial_password)
BLANKS = " \t\n\r\u00a0\u2007\u2009\u202f\u3000"
DASHES = "-\u00ad\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"
WITHOUT_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f"
blanks_and_dashes = st.text(alphabet=BLANKS + DASHES + WITHOUT_WIDTH, max_size=4)


@pytest.mark.parametrize("group", ALIKE_ON_PAPER + ALIKE_IN_GERMAN + ALIKE_IN_ENGLISH + ALIKE_ACROSS_BOTH)
def test_no_sign_is_mistaken_for_another(group: str) -> None:
    if group in {"rnm", "cld"}:  # two signs that run together into a third
        assert not set(group) <= set(ALPHABET)
    else:
        assert len(set(group) & set(ALPHABET)) <= 1


def test_signs_are_small_letters_and_digits_each_once() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET)
    assert all(sign in "abcdefghijklmnopqrstuvwxyz0123456789" for sign in ALPHABET)


def test_holds_at_least_95_bits() -> None:
    assert LENGTH * math.log2(len(ALPHABET)) >= 95


@given(passwords)
def test_generated_password_is_grouped_by_four(password: str) -> None:
    groups = password.split("-")
    assert {len(group) for group in groups} == {4}
    assert len("".join(groups)) == LENGTH
    assert set("".join(groups)) <= set(ALPHABET)


def test_every_sign_comes_up_at_every_place_and_no_password_twice() -> None:
    generated = [normalised_initial_password(generate_initial_password()) for _ in range(1_000)]
    assert len(set(generated)) == len(generated)
    # A given sign is missing at a given place with probability (10/11)^1000, about 4e-42.
    assert all(set(signs) == set(ALPHABET) for signs in zip(*generated, strict=True))


def test_random_text_draws_evenly() -> None:
    drawn = random_text(ALPHABET, 110_000)
    # Ten standard deviations (95) on either side of 10,000.
    assert all(9_050 < drawn.count(sign) < 10_950 for sign in ALPHABET)


@pytest.mark.parametrize(("text", "shown"), [("", ""), ("abc", "abc"), ("abcd", "abcd"), ("abcdefghi", "abcd-efgh-i")])
def test_grouping(text: str, shown: str) -> None:
    assert grouped(text) == shown


@given(passwords, st.data())
def test_blanks_and_dashes_are_forgiven_anywhere(password: str, drawn: st.DataObject) -> None:
    bare = password.replace("-", "")
    entry = "".join(drawn.draw(blanks_and_dashes) + sign for sign in bare) + drawn.draw(blanks_and_dashes)
    assert normalised_initial_password(entry) == bare
    assert matches(entry, keyed_hash(password, key=KEY, account_id="7"), key=KEY, account_id="7")


@given(passwords, st.data())
def test_nothing_else_is_forgiven(password: str, drawn: st.DataObject) -> None:
    bare = password.replace("-", "")
    place = drawn.draw(st.integers(0, LENGTH - 1))
    other = drawn.draw(st.sampled_from([sign for sign in ALPHABET + "_.0é" if sign != bare[place]]))
    stored = keyed_hash(password, key=KEY, account_id="7")
    for wrong in (bare[:place] + other + bare[place + 1 :], bare[:place] + bare[place + 1 :], bare + other):
        assert not matches(wrong, stored, key=KEY, account_id="7")


def test_capitals_are_not_forgiven() -> None:
    stored = keyed_hash("fkmr-wy34", key=KEY, account_id="7")
    assert not matches("FKMR-WY34", stored, key=KEY, account_id="7")


@pytest.mark.parametrize(
    ("age", "expired"),
    [
        (timedelta(0), False),
        (timedelta(days=27, hours=23, minutes=59, seconds=59), False),
        (LIFETIME - SECOND, False),
        (LIFETIME - MICROSECOND, False),
        (LIFETIME, True),
        (LIFETIME + MICROSECOND, True),
        (10 * LIFETIME, True),
    ],
)
def test_lives_for_28_days_to_the_microsecond(age: timedelta, *, expired: bool) -> None:
    expires_at = initial_password_runs_out_at(HANDED_OVER)
    now = HANDED_OVER + age
    assert initial_password_has_expired(expires_at=expires_at, first_signed_in_at=None, now=now) is expired


def test_lifetime_is_four_weeks() -> None:
    assert timedelta(hours=28 * 24) == LIFETIME
    assert initial_password_runs_out_at(HANDED_OVER) == datetime(2026, 11, 30, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("age", [timedelta(0), LIFETIME - MICROSECOND, LIFETIME, 100 * LIFETIME])
def test_first_sign_in_ends_the_countdown_for_good(age: timedelta) -> None:
    assert not initial_password_has_expired(
        expires_at=initial_password_runs_out_at(HANDED_OVER),
        first_signed_in_at=HANDED_OVER + SECOND,
        now=HANDED_OVER + age,
    )


def test_countdown_has_not_begun_before_the_hand_over() -> None:
    assert not initial_password_has_expired(expires_at=None, first_signed_in_at=None, now=HANDED_OVER)


@pytest.mark.parametrize(
    ("handed_over", "expires"),
    [
        # Clocks go forward on 2027-03-28 and back on 2026-10-25.
        (datetime(2027, 3, 14, 12, tzinfo=BERLIN), datetime(2027, 4, 11, 13, tzinfo=BERLIN)),
        (datetime(2026, 10, 14, 12, tzinfo=BERLIN), datetime(2026, 11, 11, 11, tzinfo=BERLIN)),
    ],
)
def test_four_weeks_are_as_long_when_the_clocks_change(handed_over: datetime, expires: datetime) -> None:
    assert initial_password_runs_out_at(handed_over) == expires.astimezone(UTC)
    assert initial_password_has_expired(expires_at=expires, first_signed_in_at=None, now=expires)


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=0)
    second = datetime(2026, 10, 25, 2, 15, tzinfo=BERLIN, fold=1)  # 45 minutes later
    assert initial_password_has_expired(expires_at=first, first_signed_in_at=None, now=second)
    assert not initial_password_has_expired(expires_at=second, first_signed_in_at=None, now=first)


@given(
    st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.timezones()),  # noqa: DTZ001
    st.integers(-14, 14),
)
def test_no_time_zone_changes_the_answer(handed_over: datetime, offset: int) -> None:
    expires_at = initial_password_runs_out_at(handed_over).astimezone(timezone(timedelta(hours=offset)))
    instant = handed_over.astimezone(UTC) + LIFETIME
    assert initial_password_has_expired(expires_at=expires_at, first_signed_in_at=None, now=instant)
    assert not initial_password_has_expired(expires_at=expires_at, first_signed_in_at=None, now=instant - MICROSECOND)


def test_an_instant_without_time_zone_is_an_error() -> None:
    with pytest.raises(ValueError, match="time zone"):
        initial_password_runs_out_at(datetime(2026, 11, 2))  # noqa: DTZ001 - the zone is what is missing


@given(passwords, passwords)
def test_distinct_passwords_have_distinct_hashes(one: str, other: str) -> None:
    hashes = {keyed_hash(password, key=KEY, account_id="7") for password in (one, other)}
    assert len(hashes) == len({one, other})


@given(st.text(max_size=6), st.text(max_size=6), st.text(max_size=6), st.text(max_size=6))
def test_account_and_password_are_kept_apart(account: str, password: str, account_2: str, password_2: str) -> None:
    same = account == account_2 and normalised_initial_password(password) == normalised_initial_password(password_2)
    hashes = {
        keyed_hash(password, key=KEY, account_id=account),
        keyed_hash(password_2, key=KEY, account_id=account_2),
    }
    assert len(hashes) == (1 if same else 2)


def test_signs_do_not_move_from_the_password_into_the_account() -> None:
    assert keyed_hash("23", key=KEY, account_id="1") != keyed_hash("3", key=KEY, account_id="12")


@given(passwords)
def test_hash_is_worth_nothing_without_its_key_or_for_another_account(password: str) -> None:
    stored = keyed_hash(password, key=KEY, account_id="7")
    assert len(stored) == 64
    assert set(stored) <= set("0123456789abcdef")
    assert matches(password, stored, key=KEY, account_id="7")
    assert not matches(password, stored, key=KEY + b"!", account_id="7")
    assert not matches(password, stored, key=KEY, account_id="8")


def test_hash_stays_what_it_is() -> None:
    """A change here would make every letter in the post worthless."""
    assert keyed_hash("fkmr-wy34-567f", key=b"key", account_id="42") == HASH_ON_RECORD


@pytest.mark.parametrize("stored", ["", " ", "ü", "\ud800", "0" * 64, "fkmr-wy34"])
@pytest.mark.parametrize("entry", ["", " - ", "\ud800", "\0", "fkmr-wy34"])
def test_what_was_never_stored_never_matches(entry: str, stored: str) -> None:
    assert not matches(entry, stored, key=KEY, account_id="7")


def test_half_a_character_in_the_account_is_no_way_around() -> None:
    with pytest.raises(UnicodeEncodeError):
        keyed_hash("fkmr", key=KEY, account_id="\ud800")


def test_no_hash_without_a_key() -> None:
    with pytest.raises(ValueError, match="key"):
        keyed_hash("fkmr-wy34", key=b"", account_id="7")


def test_comparison_takes_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return hmac.compare_digest(one, other)

    monkeypatch.setattr(initial_passwords, "hmac", type("Spy", (), {"new": hmac.new, "compare_digest": compare}))
    assert not matches("wrong", "0" * 64, key=KEY, account_id="7")
    assert not matches("wrong", "", key=KEY, account_id="7")
    assert len(compared) == 2
