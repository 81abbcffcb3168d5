"""Hosts are lost while people come and letters go out: nobody else notices, and nothing is lost with them."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from config.processes import eventually
from factories.mail_server import TAKEN

from .conftest import issue
from .crowd import Browser, crowd

if TYPE_CHECKING:
    from factories.mail_server import ReceivedMail

    from .landscape import Landscape

pytestmark = pytest.mark.thorough

AT_ONCE = 8
CALM, AFTERWARDS = 3, 14  # seconds
LETTERS = 300
JOBS_AT_A_TIME = 4  # of a worker
SECONDS_TO_TAKE_A_LETTER = 0.1
SECONDS_UNTIL_MISSED = 30
SECONDS_UNTIL_GOOD_AGAIN = 10
SECONDS_ANYBODY_WAITS = 40


def say(sentence: str) -> None:
    """A figure for bench/README.md; shown with -rP."""
    sys.stdout.write(f"{sentence}\n")


def stay(seconds: float) -> None:
    """People come for so long; what is measured is what they meet."""
    threading.Event().wait(seconds)


@pytest.mark.parametrize("name", ["web1", "web2"])
def test_of_a_web_host_that_vanishes_nobody_notices_whose_request_was_not_with_it(
    landscape: Landscape, people: list[tuple[str, str]], proxy: str, name: str
) -> None:
    with crowd(proxy, people, at_once=AT_ONCE) as there:
        stay(CALM)
        begun = time.monotonic()
        landscape.power_off(name)
        gone = time.monotonic()
        stay(AFTERWARDS)
    landscape.switch_on(name)
    landscape.start_web(name)

    in_flight = there.in_flight(begun, gone)
    say(f"{name} vanishes: {there.told()}; {len(in_flight)} requests in flight")
    assert [each for each in there.failed if each not in in_flight] == []
    # Of those, entries fail, which nobody sends twice, and answers that broke off.
    assert {each.what for each in there.failed if each.status} <= {"POST /sign-in/"}
    assert max(each.ended - each.begun for each in there.asked) < SECONDS_ANYBODY_WAITS


def test_of_a_worker_that_vanishes_every_letter_arrives_and_only_those_it_was_handing_over_arrive_twice(
    landscape: Landscape, proxy: str
) -> None:
    addresses = [f"letter{number}@example.org" for number in range(LETTERS)]
    first_came: dict[str, float] = {}

    def take_its_time(mail: ReceivedMail) -> str:
        first_came.setdefault(mail.recipient, time.monotonic())
        threading.Event().wait(SECONDS_TO_TAKE_A_LETTER)
        return TAKEN

    before = len(landscape.mail.received)
    landscape.mail.says_to_mail = take_its_time
    try:
        issue(landscape, addresses)
        landscape.mail.wait_until(lambda: len(landscape.mail.received) >= before + LETTERS // 4, seconds=60)
        dead = landscape.host("worker1").address
        landscape.power_off("worker1")
        gone_at, gone_by_its_clock = time.monotonic(), landscape.query("SELECT clock_timestamp()")[0][0]
        eventually(lambda: landscape.figure(HELD_BY, f"{dead}/32") == 0, within=SECONDS_UNTIL_MISSED)
        missed_after = time.monotonic() - gone_at
        eventually(lambda: landscape.figure(WAITING_BUT_FOR_THE_DEAD) == 0, within=120)
        # What it had claimed is another's after five minutes; they pass now.
        landscape.query(FIVE_MINUTES_PASS, gone_by_its_clock)
        landscape.mail.wait_until(
            lambda: {mail.recipient for mail in landscape.mail.received} >= set(addresses), seconds=120
        )
        eventually(lambda: landscape.figure(NOT_HANDED_OVER) == 0, within=120)
    finally:
        landscape.mail.says_to_mail = TAKEN
        if "worker1" not in landscape.programs:
            landscape.switch_on("worker1")
            landscape.start_worker("worker1")

    letters = Counter(mail.recipient for mail in landscape.mail.received if mail.recipient in set(addresses))
    twice = [address for address, number in letters.items() if number > 1]
    say(
        f"worker1 vanishes: of {LETTERS} letters {len(letters)} arrived, {len(twice)} of them twice; "
        f"the database missed it after {missed_after:.0f} s"
    )
    assert len(letters) == LETTERS
    assert max(letters.values()) <= 2
    assert len(twice) <= JOBS_AT_A_TIME
    # Only what the dead one had handed over, and could not mark any more.
    assert max((first_came[address] for address in twice), default=0) < gone_at
    for address in twice:
        first, second = (mail.password for mail in landscape.mail.mails_to(address))
        assert not Browser(proxy).sign_in(address, first)
        assert Browser(proxy).sign_in(address, second)


FIVE_MINUTES_PASS = """
UPDATE mail_outgoingmail SET claimed_at = claimed_at - interval '5 minutes'
WHERE state = 'sending' AND claimed_at < %s RETURNING id
"""
WAITING_BUT_FOR_THE_DEAD = "SELECT count(*) FROM mail_outgoingmail WHERE state = 'waiting' AND next_attempt_at <= now()"
NOT_HANDED_OVER = "SELECT count(*) FROM mail_outgoingmail WHERE state NOT IN ('handed_over', 'not_needed')"
HELD_BY = "SELECT count(*) FROM pg_stat_activity WHERE client_addr = %s::inet"
SIGNED_IN = "SELECT count(*) FROM audit_entry WHERE event = 'sign_in.succeeded'"


def _lose_database(landscape: Landscape, how: str, seconds: int) -> float:
    """The database is away for so long; returns when it answers again."""
    if how == "is stopped":
        landscape.programs["database"].end(signal.SIGINT)  # its “fast” end
    elif how == "is killed":
        landscape.kill("database")
    else:
        landscape.power_off("database")
    stay(seconds)
    if how != "is stopped":
        landscape.switch_on("database")
    landscape.start_database()
    return time.monotonic()


@pytest.mark.parametrize(
    ("how", "seconds"), [("is stopped", 0), ("is killed", 0), ("vanishes", 30), ("is stopped", 70)]
)
def test_while_the_database_is_away_people_are_told_so_and_afterwards_all_is_well(
    landscape: Landscape, people: list[tuple[str, str]], proxy: str, how: str, seconds: int
) -> None:
    signed_in_before = landscape.figure(SIGNED_IN)
    keeps = Browser(proxy)
    assert keeps.sign_in(*people[-1])
    with crowd(proxy, people, at_once=AT_ONCE) as there:
        stay(CALM)
        answers_again_at = _lose_database(landscape, how, seconds)
        issue(landscape, [address := f"after-{how.replace(' ', '-')}-{seconds}@example.org"])
        stay(SECONDS_UNTIL_GOOD_AGAIN)

    last_failure = max((each.ended for each in there.failed), default=answers_again_at)
    say(
        f"the database {how}, for {seconds} s: {there.told()}; first good answer "
        f"{there.first_good(answers_again_at):.1f} s after it answers again, "
        f"last bad one {max(0.0, last_failure - answers_again_at):.1f} s after"
    )
    assert {each.status for each in there.failed} <= {503}
    assert last_failure - answers_again_at < SECONDS_UNTIL_GOOD_AGAIN
    # Whoever was told that they are in is in: sessions that were there, and every entry that was answered.
    keeps.close()
    assert keeps.get("/profile/").status == 200
    assert landscape.figure(SIGNED_IN) - signed_in_before >= len(there.sign_ins()) + 1
    landscape.mail.wait_for_mail_to(address, seconds=60)
