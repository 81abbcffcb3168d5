"""What was ended, used or sent between a backup and its restore does not come back to life."""

from __future__ import annotations

import argparse
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from factories.accounts import AT_HOME, NOW, active, delivered
from factories.jobs import do_queued_jobs
from factories.tables import checked, csv, people
from kundenportal.domain.accounts.models import Session
from kundenportal.domain.audit.events import Event
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials.models import AccessLetter, CallerCode, PasswordReset
from kundenportal.domain.credentials.operations import caller_codes, resets
from kundenportal.domain.imports import operations as imports
from kundenportal.domain.imports.rules.runs import Letters, RunState
from kundenportal.domain.mail import operations as mails
from kundenportal.domain.mail.delivery import claim_due_mail, deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.queries import may_be_sent_again
from kundenportal.domain.mail.rules import State, Trouble, blames_address, trouble_in
from kundenportal.jobs import after_restore
from kundenportal.jobs.after_restore import settle

if TYPE_CHECKING:
    from factories.mail_server import MailServer

pytestmark = pytest.mark.django_db(transaction=True)

MADE_AT, SOON, LATER = NOW - timedelta(hours=3), NOW + timedelta(minutes=1), NOW + timedelta(days=3)


def test_nobody_is_signed_in_any_more() -> None:
    Client().get("/")
    Session.objects.create(session_key="s" * 32, expire_date=LATER)

    settle(made_at=MADE_AT, now=NOW)

    assert not Session.objects.exists()


def test_mails_that_may_have_gone_out_wait_for_somebody_to_decide() -> None:
    waiting = mails.queue("reminder", recipient="waiting@example.org", now=MADE_AT)
    (later,) = mails.queue_many("reminder", recipients=["later@example.org"], now=MADE_AT, not_before=LATER)
    sending = mails.queue("reminder", recipient="sending@example.org", now=MADE_AT - timedelta(hours=1))
    assert claim_due_mail(now=MADE_AT) == sending

    put_off = mails.queue("reminder", recipient="put-off@example.org", now=MADE_AT)
    OutgoingMail.objects.filter(pk=put_off.pk).update(attempts=1, next_attempt_at=SOON)

    assert settle(made_at=MADE_AT, now=NOW) == 3

    for mail in (waiting, sending, put_off, later):
        mail.refresh_from_db()
    assert waiting.state == sending.state == put_off.state == State.FAILED
    assert later.state == State.WAITING
    assert trouble_in(waiting.server_answer) is Trouble.HELD
    assert not blames_address(server_answer=waiting.server_answer, reported_status="")
    assert may_be_sent_again(waiting)
    assert deliver_due_mails(clock=lambda: SOON) == 0


def test_what_the_mail_server_had_taken_is_held_by_nobody(mail_server: MailServer) -> None:
    account, _ = delivered(mail_server)
    mail = AccessLetter.objects.get(account=account).mail
    OutgoingMail.objects.filter(pk=mail.pk).update(state=State.SENDING, claimed_at=MADE_AT, taken_at=MADE_AT)

    settle(made_at=MADE_AT, now=NOW)
    deliver_due_mails(clock=lambda: NOW)

    mail.refresh_from_db()
    assert (mail.state, mail.handed_over_at) == (State.HANDED_OVER, MADE_AT)
    assert len(mail_server.mails_to(account.address)) == 1


def test_the_password_in_a_letter_that_may_have_arrived_goes_on_working(mail_server: MailServer) -> None:
    account, _ = delivered(mail_server)
    letter = AccessLetter.objects.get(account=account)
    OutgoingMail.objects.filter(pk=letter.mail_id).update(state=State.SENDING, claimed_at=MADE_AT)
    before = letter.keyed_hash

    settle(made_at=MADE_AT, now=NOW)

    letter.refresh_from_db()
    assert before
    assert letter.keyed_hash == before


def test_what_works_once_works_no_more(mail_server: MailServer) -> None:
    account = active(mail_server)
    resets.ask(account.address, now=SOON, origin=AT_HOME)
    do_queued_jobs()
    assert PasswordReset.objects.filter(superseded_at__isnull=True).exists()
    caller_codes.make(account, now=MADE_AT, origin=AT_HOME)

    settle(made_at=MADE_AT, now=NOW)

    assert not PasswordReset.objects.filter(superseded_at__isnull=True).exists()
    assert CallerCode.objects.get().keyed_hash == ""


def test_an_import_does_not_go_on_by_itself() -> None:
    run = checked(csv(people(3)))
    imports.start(run, letters=Letters.NOW, started_by=None, now=NOW, origin=AT_HOME)

    settle(made_at=MADE_AT, now=NOW)

    run.refresh_from_db()
    assert run.state == RunState.CANCELLED


def test_the_trail_says_that_the_portal_is_back_at_an_earlier_moment() -> None:
    settle(made_at=MADE_AT, now=NOW)

    entry = Entry.objects.get(event=Event.BACKUP_RESTORED)
    assert entry.details == {"made_at": MADE_AT.isoformat(), "held": 0, "at_command_line": True}


def call(moment: str) -> int:
    """The exit code of the command."""
    parser = argparse.ArgumentParser(prog="kundenportal after-restore")
    after_restore.configure(parser)
    return after_restore.run(parser.parse_args([moment]), now=NOW)


def test_a_database_that_others_brought_back_is_settled_likewise(capsys: pytest.CaptureFixture[str]) -> None:
    Session.objects.create(session_key="s" * 32, expire_date=LATER)
    mails.queue("reminder", recipient="waiting@example.org", now=MADE_AT)

    assert call(MADE_AT.isoformat()) == 0

    assert not Session.objects.exists()
    assert Entry.objects.get(event=Event.BACKUP_RESTORED).details["made_at"] == MADE_AT.isoformat()
    said, complaints = capsys.readouterr()
    assert "everybody has to sign in anew" in said
    assert "may have been sent since: 1." in said
    assert complaints == ""


@pytest.mark.parametrize(
    ("moment", "complaint"),
    [
        ("last night", "'last night' is no time. It is written 2026-12-24T18:00, "),
        (SOON.isoformat(), " is still to come; say to which moment "),
    ],
)
def test_a_moment_that_makes_no_sense_settles_nothing(
    capsys: pytest.CaptureFixture[str], moment: str, complaint: str
) -> None:
    Session.objects.create(session_key="s" * 32, expire_date=LATER)

    assert call(moment) == 1

    assert complaint in capsys.readouterr().err
    assert Session.objects.exists()
