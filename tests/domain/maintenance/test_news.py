"""Whoever asked for it is told by mail of what becomes of a window; nobody else is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from factories.accounts import NOW, issued, suspended
from factories.windows import DAY, HOUR, begun, cancelled, ended, moved, planned
from kundenportal.domain.accounts.rules import Language
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.maintenance import operations, queries
from kundenportal.domain.maintenance.models import News

if TYPE_CHECKING:
    from datetime import datetime

    from factories.mail_server import MailServer
    from kundenportal.domain.accounts.models import Account

pytestmark = pytest.mark.django_db

STARTS = NOW + 10 * DAY


@pytest.fixture
def subscriber(mail_server: MailServer) -> Account:
    """An account that has its letter and wants to be told."""
    account = issued()
    operations.subscribe(account, now=NOW)
    deliver_due_mails(clock=lambda: NOW)
    return account


def subjects(mail_server: MailServer, account: Account, *, now: datetime = NOW) -> list[str]:
    """What the account has been told by then, its access letter apart."""
    deliver_due_mails(clock=lambda: now)
    return [mail.parsed["Subject"].partition(": ")[2] for mail in mail_server.mails_to(account.address)[1:]]


def test_it_is_told_seven_days_before_once(mail_server: MailServer, subscriber: Account) -> None:
    planned(STARTS)
    operations.announce_due(now=STARTS - 7 * DAY - HOUR)
    assert subjects(mail_server, subscriber) == []
    for _ in range(2):
        operations.announce_due(now=STARTS - 7 * DAY)
    assert subjects(mail_server, subscriber, now=STARTS - 7 * DAY) == ["Wartung am 3. Dezember 2026"]


def test_what_is_near_is_told_at_once(mail_server: MailServer, subscriber: Account) -> None:
    planned(NOW + DAY)
    assert subjects(mail_server, subscriber) == ["Wartung am 24. November 2026"]
    assert operations.announce_due(now=NOW + HOUR) == 0


def test_it_is_told_of_a_new_time_and_of_the_end(mail_server: MailServer, subscriber: Account) -> None:
    window = planned(NOW + DAY)
    assert len(subjects(mail_server, subscriber)) == 1
    moved(window, NOW + 2 * DAY + HOUR, starts_at=NOW + 2 * DAY)
    assert subjects(mail_server, subscriber)[1:] == ["Neue Zeit für die Wartung am 25. November 2026"]
    ended(now=NOW + 2 * DAY + HOUR)
    assert subjects(mail_server, subscriber, now=NOW + 2 * DAY + HOUR)[2:] == ["Die Wartung ist vorbei"]


@pytest.mark.parametrize(
    ("language", "end", "no_longer"),
    [
        (Language.GERMAN, "Voraussichtlich bis: Montag, 23. November 2026, 14:00 Uhr", ("Beginn:", "vorher")),
        (Language.ENGLISH, "Expected to end: Monday, 23 November 2026, 14:00", ("Begins:", "beforehand")),
    ],
)
def test_once_it_has_begun_a_new_end_is_all_there_is_to_tell(
    mail_server: MailServer, language: Language, end: str, no_longer: tuple[str, str]
) -> None:
    account = issued(language=language)
    operations.subscribe(account, now=NOW)
    moved(begun(), NOW + 4 * HOUR, now=NOW + HOUR)
    deliver_due_mails(clock=lambda: NOW + HOUR)
    mail = mail_server.mails_to(account.address)[-1]
    for part in (mail.text, mail.html):
        plain = " ".join(part.replace("<strong>", "").replace("</strong>", "").split())
        assert end in plain
        for gone in no_longer:
            assert gone not in plain


def test_that_it_is_over_is_told_once_the_portal_is_open_again(mail_server: MailServer, subscriber: Account) -> None:
    first, second = planned(NOW + DAY), planned(NOW + DAY + 3 * HOUR)
    now = NOW + DAY + 4 * HOUR
    told = len(subjects(mail_server, subscriber))
    ended(first, now=now)
    assert subjects(mail_server, subscriber, now=now)[told:] == []
    ended(second, now=now)
    assert subjects(mail_server, subscriber, now=now)[told:] == ["Die Wartung ist vorbei"]


def test_it_is_told_that_it_does_not_take_place(mail_server: MailServer, subscriber: Account) -> None:
    window = planned(NOW + DAY)
    assert len(subjects(mail_server, subscriber)) == 1
    cancelled(window)
    assert subjects(mail_server, subscriber)[1:] == ["Die Wartung am 24. November 2026 entfällt"]


def test_of_what_was_never_announced_no_change_is_told(mail_server: MailServer, subscriber: Account) -> None:
    window = planned(STARTS)
    moved(window, STARTS + 3 * HOUR)
    cancelled(window)
    assert subjects(mail_server, subscriber) == []


def test_what_begins_at_once_is_told_when_it_is_over(mail_server: MailServer, subscriber: Account) -> None:
    begun()
    assert subjects(mail_server, subscriber) == []
    ended(now=NOW + HOUR)
    assert subjects(mail_server, subscriber, now=NOW + HOUR) == ["Die Wartung ist vorbei"]


def test_of_several_that_wait_only_the_newest_goes_out(mail_server: MailServer, subscriber: Account) -> None:
    window = planned(NOW + DAY)
    moved(window, NOW + DAY + 5 * HOUR)
    cancelled(window)
    assert subjects(mail_server, subscriber) == ["Die Wartung am 24. November 2026 entfällt"]
    assert News.objects.count() == 3


def test_nobody_is_told_who_does_not_want_to_hear_it(mail_server: MailServer, subscriber: Account) -> None:
    never, no_longer, locked_out = issued(), issued(), suspended(issued())
    for account in (no_longer, locked_out):
        operations.subscribe(account, now=NOW)
    planned(NOW + DAY)
    operations.unsubscribe(no_longer)
    assert not queries.is_subscribed(no_longer)
    assert len(subjects(mail_server, subscriber)) == 1
    for account in (never, no_longer, locked_out):
        assert subjects(mail_server, account) == []


def test_asking_twice_is_asking_once(subscriber: Account) -> None:
    operations.subscribe(subscriber, now=NOW + DAY)
    assert queries.subscribers().get().since == NOW


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            Language.GERMAN,
            ["Dienstag, 24. November 2026, 10:00 Uhr", "Dienstag, 24. November 2026, 12:00 Uhr",
             "Wir bauen neue Platten ein.", "Montag bis Freitag, 7:00 bis 17:00 Uhr"],
        ),
        (
            Language.ENGLISH,
            ["Tuesday, 24 November 2026, 10:00", "Tuesday, 24 November 2026, 12:00", "We put new disks in.",
             "Monday to Friday, 7:00 to 17:00"],
        ),
    ],
)  # fmt: skip
def test_the_mail_says_when_what_and_how_to_be_rid_of_it(
    mail_server: MailServer, language: Language, words: list[str]
) -> None:
    account = issued(language=language)
    operations.subscribe(account, now=NOW)
    window = planned(NOW + DAY)
    deliver_due_mails(clock=lambda: NOW)
    mail = mail_server.mails_to(account.address)[-1]
    for part in (mail.text, mail.html):
        plain = " ".join(part.replace("<strong>", "").replace("</strong>", "").split())
        for expected in [*words, f"/maintenance/{window.pk}.ics", "/maintenance/"]:
            assert expected in plain
    assert max(map(len, mail.text.splitlines())) <= 78
