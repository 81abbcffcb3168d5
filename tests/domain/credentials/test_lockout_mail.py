"""The mail about a lockout tells its owner the way back in that there really is, and nothing that is not so."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from factories.accounts import AT_HOME, NOW, active, delivered, expired, issued, suspended
from kundenportal.domain.accounts.rules import Language
from kundenportal.domain.credentials.mails import LOCKED_OUT
from kundenportal.domain.credentials.models import Lockout
from kundenportal.domain.credentials.operations import lockouts
from kundenportal.domain.credentials.queries.lockouts import owners_not_told
from kundenportal.domain.credentials.rules.initial_passwords import LIFETIME
from kundenportal.domain.credentials.rules.lockout import STILL_NEWS_FOR, TOLD_WITHIN
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.operations import queue

if TYPE_CHECKING:
    from collections.abc import Callable

    from factories.mail_server import MailServer, ReceivedMail
    from kundenportal.domain.accounts.models import Account

pytestmark = pytest.mark.django_db

ACCOUNTS: dict[str, Callable[[MailServer, Account], Account]] = {
    "active": active,
    "issued": lambda server, account: delivered(server, account)[0],
    "expired": lambda server, account: expired(server, account)[0],
    "suspended": lambda server, account: suspended(active(server, account)),
}
RESET, REQUEST, ELSEWHERE, SUSPENDED, SAFE, HERE = range(6)
SAID = {
    "active": {RESET, ELSEWHERE, SAFE},
    "issued": {RESET, SAFE},
    "expired": {REQUEST},
    "suspended": {SUSPENDED},
}
WORDS = {
    Language.GERMAN: {
        RESET: "/password/forgotten/",
        REQUEST: "/sign-in/expired/",
        ELSEWHERE: "Für Browser, mit denen Sie sich schon einmal angemeldet haben, gilt diese Sperre nicht.",
        SUSPENDED: "Ihr Zugang ist zurzeit ausgesetzt.",
        SAFE: "Ihr Passwort ist weiterhin sicher.",
        HERE: "Das war in einem Browser, mit dem Sie sich schon einmal angemeldet haben.",
    },
    Language.ENGLISH: {
        RESET: "/password/forgotten/",
        REQUEST: "/sign-in/expired/",
        ELSEWHERE: "This lock does not hold in browsers you have signed in with before.",
        SUSPENDED: "Your access is suspended at the moment.",
        SAFE: "Your password is still safe.",
        HERE: "This was in a browser in which you have signed in before.",
    },
}


def told(mail_server: MailServer, account: Account, *, in_known_browser: bool = False) -> ReceivedMail:
    """The mail to the owner of an account that has just been locked."""
    Lockout.objects.create(
        account=account,
        in_known_browser=in_known_browser,
        begun_at=NOW,
        network_address=AT_HOME.network_address,
        mail=queue(LOCKED_OUT, recipient=account.address, now=NOW),
    )
    deliver_due_mails(clock=lambda: NOW)
    mail = mail_server.mails_to(account.address)[-1]
    assert "/lockout/" in mail.text
    return mail


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("in_known_browser", [False, True])
@pytest.mark.parametrize("state", ACCOUNTS)
def test_the_mail_says_what_is_so(
    mail_server: MailServer, state: str, language: Language, *, in_known_browser: bool
) -> None:
    sent_at = NOW if state != "expired" else NOW - LIFETIME
    account = ACCOUNTS[state](mail_server, issued(language=language, now=sent_at))
    mail = told(mail_server, account, in_known_browser=in_known_browser)
    expected = SAID[state] - {ELSEWHERE} | {HERE} if in_known_browser else SAID[state]
    for part in (mail.text, mail.html):
        read = " ".join(part.split())
        assert {each for each, words in WORDS[language].items() if words in read} == expected
    lines = [line for line in mail.text.splitlines() if not line.startswith("http")]
    assert max(map(len, lines)) <= 78


# That it is sent, whatever happens to the job that sends it

SECOND = timedelta(seconds=1)


def locked(account: Account | None, *, ago: timedelta, lifted: bool = False) -> Lockout:
    """A lockout whose owner has not been told."""
    return Lockout.objects.create(
        account=account, in_known_browser=False, begun_at=NOW - ago, lifted_at=NOW if lifted else None
    )


def test_whoever_was_not_told_because_the_job_failed_is_told_by_the_clock_once(mail_server: MailServer) -> None:
    account = active(mail_server)
    before = len(mail_server.mails_to(account.address))
    locked(account, ago=TOLD_WITHIN)
    for _ in range(2):
        lockouts.tell_owners_not_told(now=NOW)
        deliver_due_mails(clock=lambda: NOW)
    assert len(mail_server.mails_to(account.address)) == before + 1


def test_the_clock_tells_nobody_of_what_is_being_told_is_no_news_is_lifted_or_nobodys(mail_server: MailServer) -> None:
    locked(active(mail_server), ago=TOLD_WITHIN - SECOND)
    locked(active(mail_server), ago=STILL_NEWS_FOR)
    locked(active(mail_server), ago=TOLD_WITHIN, lifted=True)
    locked(None, ago=TOLD_WITHIN)
    lockouts.tell_owners_not_told(now=NOW)
    assert not Lockout.objects.filter(mail__isnull=False).exists()


def test_after_a_flood_of_unknown_names_those_not_told_are_found_by_the_index_of_open_lockouts() -> None:
    Lockout.objects.bulk_create(Lockout(in_known_browser=False, begun_at=NOW - TOLD_WITHIN) for _ in range(2_000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE credentials_lockout")
    assert "open_lockouts" in owners_not_told(now=NOW).explain()
