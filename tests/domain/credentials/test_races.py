"""Two things that happen to one account at the same instant, whichever comes first."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import OperationalError, connection

from factories.accounts import AT_HOME, NOW, delivered, enters
from factories.threads import SECONDS_TO_MEET, until_done_or_blocked
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.credentials.models import AccessLetter, GuessCount
from kundenportal.domain.credentials.operations import access
from kundenportal.domain.credentials.operations.entries import EntryWrong
from kundenportal.domain.credentials.rules import initial_passwords
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import State

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from factories.mail_server import MailServer

pytestmark = pytest.mark.django_db(transaction=True)

TOMORROW = NOW + timedelta(days=1)


def happens_while_a_letter_is_written(doing: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> list[Future]:  # type: ignore[type-arg]
    """Begins it when the first letter from now on is half-written, and says what came of it."""
    begun: list[Future] = []  # type: ignore[type-arg]
    generate = initial_passwords.generate_initial_password

    def generate_meanwhile() -> str:
        if not begun:
            begun.append(None)  # type: ignore[arg-type] # so that it happens once
            begun[0] = until_done_or_blocked(doing)
        return generate()

    monkeypatch.setattr(initial_passwords, "generate_initial_password", generate_meanwhile)
    return begun


def issue_again(account: Account) -> AccessLetter:
    return access.issue_initial_password(account, issued_by=None, now=TOMORROW, origin=AT_HOME)


def test_a_first_sign_in_while_the_next_letter_is_written_leaves_no_live_password(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, password = delivered(mail_server)
    issue_again(account)
    sign_in = happens_while_a_letter_is_written(lambda: enters(account.address, password, now=TOMORROW), monkeypatch)
    deliver_due_mails(clock=lambda: TOMORROW)
    assert sign_in[0].result(SECONDS_TO_MEET) == account
    assert Account.objects.get(pk=account.pk).first_signed_in_at == TOMORROW
    assert not AccessLetter.objects.exclude(keyed_hash="").exists()
    with pytest.raises(EntryWrong):
        enters(account.address, mail_server.mails_to(account.address)[-1].password, now=TOMORROW)
    assert enters(account.address, password, now=TOMORROW) == account


def test_of_two_letters_that_are_to_be_written_at_once_only_the_newer_goes_out_and_works(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    account, _ = delivered(mail_server)
    issue_again(account)
    issue_again(account)
    other_worker = happens_while_a_letter_is_written(lambda: deliver_due_mails(clock=lambda: TOMORROW), monkeypatch)
    handed_over = deliver_due_mails(clock=lambda: TOMORROW)
    assert handed_over + other_worker[0].result(SECONDS_TO_MEET) == 1
    states = OutgoingMail.objects.order_by("pk").values_list("state", "attempts")
    assert list(states) == [(State.HANDED_OVER, 1), (State.NOT_NEEDED, 1), (State.HANDED_OVER, 1)]
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    works = []
    for mail in mail_server.mails_to(account.address):
        try:
            works.append(enters(account.address, mail.password, now=TOMORROW))
        except EntryWrong:
            continue
    assert works == [account]


@pytest.mark.parametrize("password_is", ["right", "wrong"])
def test_a_check_whose_connection_is_lost_meanwhile_is_settled_on_another(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, password_is: str
) -> None:
    account, password = delivered(mail_server)
    checks = initial_passwords.matches

    def loses_its_connection(*given: Any, **named: Any) -> bool:
        with connection.cursor() as cursor, suppress(OperationalError):
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return checks(*given, **named)

    monkeypatch.setattr(initial_passwords, "matches", loses_its_connection)
    if password_is == "right":
        assert enters(account.address, password, now=TOMORROW) == account
        assert not GuessCount.objects.exists()
        return
    with pytest.raises(EntryWrong):
        enters(account.address, "wrong", now=TOMORROW)
    assert list(GuessCount.objects.values_list("wrong", "pending")) == [(1, [])]
