"""A queued mail is a row and a job, or neither."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from factories.accounts import NOW
from factories.notices import NOTICE, Notices, queued
from kundenportal.domain.mail import operations
from kundenportal.domain.mail.kinds import Letter, kind_named
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import State

pytestmark = pytest.mark.django_db


def test_a_queued_mail_waits_to_be_sent_at_once_and_rings_the_bell() -> None:
    mail = OutgoingMail.objects.get(pk=queued("anna@example.org").pk)
    assert (mail.recipient, mail.kind, mail.state) == ("anna@example.org", "notice", State.WAITING)
    assert (mail.queued_at, mail.next_attempt_at, mail.attempts) == (NOW, NOW, 0)
    assert str(mail) == "notice to anna@example.org: waiting"
    job = ProcrastinateJob.objects.get()
    assert (job.task_name, job.queue_name, job.args) == ("mail.deliver_due_mails", "mail", {})


def test_nothing_is_queued_by_what_is_rolled_back() -> None:
    def queue_and_fail() -> None:
        queued("anna@example.org")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        queue_and_fail()
    assert not OutgoingMail.objects.exists()
    assert not ProcrastinateJob.objects.exists()


def test_many_mails_are_queued_in_their_order_and_ring_the_bell_once() -> None:
    recipients = [f"kunde{number}@example.org" for number in range(3)]
    mails = operations.queue_many(NOTICE, recipients=recipients, now=NOW)
    assert [OutgoingMail.objects.get(pk=mail.pk).recipient for mail in mails] == recipients
    assert {(mail.kind, mail.state, mail.queued_at, mail.next_attempt_at) for mail in mails} == {
        (NOTICE, State.WAITING, NOW, NOW)
    }
    assert ProcrastinateJob.objects.get().task_name == "mail.deliver_due_mails"


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("next_attempt_at = NULL", "a_waiting_mail_has_a_next_attempt"),
        ("state = 'handed_over'", "a_mail_handed_over_says_when"),
        ("attempts = -1", "attempts"),
    ],
)
def test_the_database_itself_refuses_an_impossible_mail(change: str, constraint: str) -> None:
    mail = queued("anna@example.org")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE mail_outgoingmail SET {change} WHERE id = %s", [mail.pk])


def test_a_letter_does_not_show_what_it_says_when_a_program_prints_it() -> None:
    letter = Letter(
        sender="dienst@example.org",
        reply_to="dienst@example.org",
        subject="Hinweis",
        text="Passwort: geheim",
        html="<b>geheim</b>",
        secrets=("geheim",),
    )
    assert "geheim" not in repr(letter)


def test_a_kind_is_known_by_its_name(notices: Notices) -> None:
    assert kind_named("notice") is notices
    with pytest.raises(KeyError):
        kind_named("nothing of ours")
