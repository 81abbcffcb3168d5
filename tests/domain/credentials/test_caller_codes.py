"""The code by which a caller shows who they are: works once, for a while, and five attempts are all there are."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from factories.accounts import AT_HOME, NOW, active, clerk, issued
from factories.threads import together
from factories.trail import events_of, last_entry
from kundenportal.domain.accounts.rules import Language
from kundenportal.domain.audit.events import Event
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials.models import CallerCode
from kundenportal.domain.credentials.operations import caller_codes, history
from kundenportal.domain.credentials.operations.caller_codes import CallerCodeWrong, CodeOnItsWay
from kundenportal.domain.credentials.rules.identity import (
    CODE_LIFETIME,
    CODE_MAIL_LIFETIME,
    Identity,
    Means,
)
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import MISSED_AFTER

if TYPE_CHECKING:
    from datetime import datetime

    from factories.mail_server import MailServer
    from kundenportal.domain.accounts.models import Account

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=5)
SECOND = timedelta(seconds=1)


def confirm(account: Account, code: str, *, by: Account, now: datetime = LATER) -> str:
    return caller_codes.confirm(account.pk, Identity(Means.CALLER_CODE, code), stated_by=by, now=now, origin=AT_HOME)


def mailed(mail_server: MailServer, account: Account, *, by: Account, now: datetime = NOW) -> str:
    caller_codes.send(account.pk, sent_by=by, now=now, origin=AT_HOME)
    deliver_due_mails(clock=lambda: now)
    found = re.search(r"^ +(\w{4}-\w{4})$", mail_server.mails_to(account.address)[-1].text, re.MULTILINE)
    assert found
    return found[1]


def test_the_code_shown_in_the_portal_is_right_once() -> None:
    account, staff = issued(), clerk()
    code = caller_codes.make(account, now=NOW, origin=AT_HOME)
    assert confirm(account, code.lower().replace("-", " "), by=staff) == "caller_code"
    with pytest.raises(CallerCodeWrong):
        confirm(account, code, by=staff)


@pytest.mark.parametrize(("after", "is_right"), [(CODE_LIFETIME - SECOND, True), (CODE_LIFETIME, False)])
def test_it_works_for_a_quarter_of_an_hour(after: timedelta, is_right: bool) -> None:  # noqa: FBT001
    account, staff = issued(), clerk()
    code = caller_codes.make(account, now=NOW, origin=AT_HOME)
    if is_right:
        confirm(account, code, by=staff, now=NOW + after)
    else:
        with pytest.raises(CallerCodeWrong):
            confirm(account, code, by=staff, now=NOW + after)


def test_after_five_wrong_ones_the_right_one_is_worth_nothing_and_a_new_one_is() -> None:
    account, staff = issued(), clerk()
    code = caller_codes.make(account, now=NOW, origin=AT_HOME)
    for _ in range(5):
        with pytest.raises(CallerCodeWrong):
            confirm(account, "3333-3333", by=staff)
    with pytest.raises(CallerCodeWrong):
        confirm(account, code, by=staff)
    assert confirm(account, caller_codes.make(account, now=NOW, origin=AT_HOME), by=staff)
    assert events_of(account).count(Event.CALLER_CODE_WRONG) == 6


@pytest.mark.parametrize("entry", ["", "-", "\0", "x" * 5000, "\ud800"])
def test_what_is_no_code_is_wrong(entry: str) -> None:
    account, staff = issued(), clerk()
    with pytest.raises(CallerCodeWrong):
        confirm(account, entry, by=staff)
    caller_codes.make(account, now=NOW, origin=AT_HOME)
    with pytest.raises(CallerCodeWrong):
        confirm(account, entry, by=staff)


def test_the_code_of_one_account_is_wrong_for_another() -> None:
    account, other, staff = issued(), issued(), clerk()
    code = caller_codes.make(account, now=NOW, origin=AT_HOME)
    caller_codes.make(other, now=NOW, origin=AT_HOME)
    with pytest.raises(CallerCodeWrong):
        confirm(other, code, by=staff)


def test_a_mailed_code_is_made_by_the_worker_and_works_for_an_hour(mail_server: MailServer) -> None:
    account, staff = active(mail_server), clerk()
    code = mailed(mail_server, account, by=staff)
    assert confirm(account, code, by=staff, now=NOW + CODE_MAIL_LIFETIME - SECOND)
    assert events_of(account)[-2:] == [Event.CALLER_CODE_ASKED_FOR, Event.CALLER_CODE_HANDED_OVER]


def test_asking_again_makes_the_earlier_code_worthless(mail_server: MailServer) -> None:
    account, staff = active(mail_server), clerk()
    first = mailed(mail_server, account, by=staff)
    second = mailed(mail_server, account, by=staff, now=NOW + MISSED_AFTER)
    with pytest.raises(CallerCodeWrong):
        confirm(account, first, by=staff)
    assert len([mail for mail in mail_server.mails_to(account.address) if "Code" in mail.parsed["Subject"]]) == 2
    assert confirm(account, second, by=staff)


def test_while_a_code_is_on_its_way_no_second_one_is_sent(mail_server: MailServer) -> None:
    account, staff = active(mail_server), clerk()
    code = mailed(mail_server, account, by=staff)
    for now in (NOW, NOW + MISSED_AFTER - SECOND):
        with pytest.raises(CodeOnItsWay):
            caller_codes.send(account.pk, sent_by=staff, now=now, origin=AT_HOME)
    assert confirm(account, code, by=staff, now=NOW + SECOND)
    mailed(mail_server, account, by=staff, now=NOW + 2 * SECOND)  # the next caller waits for nothing


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_at_once_one_sends_a_code() -> None:
    account, staff = issued(), clerk()

    def click() -> bool:
        try:
            caller_codes.send(account.pk, sent_by=staff, now=NOW, origin=AT_HOME)
        except CodeOnItsWay:
            return False
        return True

    assert together([click] * 5).count(True) == 1
    assert OutgoingMail.objects.filter(kind="caller_code").count() == 1


@pytest.mark.parametrize("language", Language)
def test_the_mail_says_what_the_code_is_for_and_until_when(mail_server: MailServer, language: Language) -> None:
    account, staff = active(mail_server, issued(language=language)), clerk()
    code = mailed(mail_server, account, by=staff)
    letter = mail_server.mails_to(account.address)[-1]
    until = "Montag, 23. November 2026, 11:00" if language is Language.GERMAN else "Monday, 23 November 2026, 11:00"
    for part in (letter.text, letter.html):
        for words in (code, until, account.name, account.address, "hr@comramo.de"):
            assert words in part


def test_the_code_is_kept_nowhere(mail_server: MailServer) -> None:
    account, staff = active(mail_server), clerk()
    for code in (mailed(mail_server, account, by=staff), caller_codes.make(account, now=NOW, origin=AT_HOME)):
        kept = [*CallerCode.objects.values_list(), *Entry.objects.values_list(), *OutgoingMail.objects.values_list()]
        assert code not in str(kept)
        assert code.replace("-", "") not in str(kept)


def test_other_means_need_no_code_and_the_trail_says_who_was_wrong() -> None:
    account, staff = issued(), clerk()
    stated = caller_codes.confirm(account.pk, Identity(Means.CALL_BACK), stated_by=staff, now=NOW, origin=AT_HOME)
    assert stated == "call_back"
    with pytest.raises(CallerCodeWrong):
        confirm(account, "3333-3333", by=staff)
    entry = last_entry()
    assert (entry.event, entry.subject, entry.actor) == (Event.CALLER_CODE_WRONG, account, staff)


def test_one_that_was_shown_and_used_is_forgotten_and_one_that_is_good_or_on_its_way_is_not() -> None:
    used, shown, asked_for, staff = issued(), issued(), issued(), clerk()
    confirm(used, caller_codes.make(used, now=NOW, origin=AT_HOME), by=staff)
    code = caller_codes.make(shown, now=NOW, origin=AT_HOME)
    caller_codes.send(asked_for.pk, sent_by=staff, now=NOW, origin=AT_HOME)
    history.forget_old(keep_for=timedelta(days=30), now=LATER)
    assert {each.account for each in CallerCode.objects.all()} == {shown, asked_for}
    assert confirm(shown, code, by=staff) == "caller_code"


@pytest.mark.django_db(transaction=True)
def test_of_twenty_at_once_one_uses_the_code() -> None:
    account, staff = issued(), clerk()
    code = caller_codes.make(account, now=NOW, origin=AT_HOME)

    def attempt() -> str:
        try:
            return confirm(account, code, by=staff)
        except CallerCodeWrong:
            return "wrong"

    assert together([attempt] * 20).count("caller_code") == 1
