from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.kernel.chunks import some_of
from kundenportal.kernel.copied import copy_in
from kundenportal.kernel.randomness import random_token
from kundenportal.kernel.refusal import Refusal

from . import rules, tasks
from .handover import tell, tell_handed_over
from .kinds import kind_named, kind_names, note_trouble
from .models import SERVER_ANSWER_MAX_LENGTH, TAKEN_UNDER_THIS_CLAIM, OutgoingMail
from .queries import may_be_sent_again, nobodys
from .rules import Action, State

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime, timedelta

    from django.contrib.auth.base_user import AbstractBaseUser

    from kundenportal.kernel.origin import Origin

    from .rules import Report


class NamesNoMail(Refusal):
    """No mail of ours has this key, or none any more."""


class NotToBeSentAgain(Refusal):
    """The mail is under way or has arrived, or mails of its kind are not sent again just like that."""


def queue(kind: str, *, recipient: str, now: datetime, not_before: datetime | None = None) -> OutgoingMail:
    """A mail to go out as soon as the surrounding transaction is committed, and only if it is.

    If it is not to go out before some instant, it is queued as of then: only from there on is it retried and given up.
    """
    due_at = max(now, not_before or now)
    with transaction.atomic():
        mail = OutgoingMail.objects.create(kind=kind, recipient=recipient, queued_at=due_at, next_attempt_at=due_at)
        if due_at == now:  # the sweep finds the others
            tasks.deliver.defer()
    return mail


def queue_many(
    kind: str, *, recipients: Sequence[str], now: datetime, not_before: datetime | None = None
) -> list[OutgoingMail]:
    """One mail for each recipient, in their order, like `queue`; however many there are, the bell rings once.

    Whoever waits for a single mail, such as a link, does not wait for these.
    """
    due_at = max(now, not_before or now)
    with transaction.atomic():
        mails = copy_in(
            OutgoingMail(kind=kind, recipient=recipient, queued_at=due_at, next_attempt_at=due_at, is_one_of_many=True)
            for recipient in recipients
        )
        if due_at == now:
            tasks.deliver.defer()
    return mails


def note_report(key: str, report: Report, *, now: datetime) -> OutgoingMail:
    """What a delivery report says of the mail with that key is in the mail log, and its kind knows if it came back.

    Raises NamesNoMail.
    """
    with transaction.atomic():
        mail = OutgoingMail.objects.select_for_update().filter(key=key).first()
        if mail is None:
            raise NamesNoMail
        state = rules.state_after(State(mail.state), report)
        if mail.state == State.BOUNCED:
            return mail  # the first report of failure is the one that counts
        is_first_delay = report.action is Action.DELAYED and not mail.reported_status
        mail.reported_at = now
        mail.reported_status = report.status
        mail.reported_words = rules.words_worth_keeping(report.diagnostic, recipient=mail.recipient)[
            :SERVER_ANSWER_MAX_LENGTH
        ]
        if state is State.BOUNCED:
            _bounce(mail, now=now)
        elif is_first_delay:
            tell(mail, lambda kind: note_trouble(Event.MAIL_DEFERRED, mail, kind.concerns(mail), now=now))
        mail.save()
    return mail


def _bounce(mail: OutgoingMail, *, now: datetime) -> None:
    # Before the worker has noted that the mail was taken, or in place of one that died: it was, or how could it return?
    is_news = mail.handed_over_at is None
    mail.state, mail.claimed_at, mail.next_attempt_at = State.BOUNCED, None, None
    mail.handed_over_at = mail.handed_over_at or now
    mail.save()
    if is_news:
        tell_handed_over(mail, now=now)
    tell(mail, lambda kind: kind.bounced(mail, now=now))


def send_again(mail_id: int, *, sent_by: AbstractBaseUser, now: datetime, origin: Origin) -> OutgoingMail:
    """The mail is written and tried once more; two members of staff at one instant send it once.

    Raises NotToBeSentAgain or OutgoingMail.DoesNotExist.
    """
    with transaction.atomic():
        mail = OutgoingMail.objects.select_for_update().get(pk=mail_id)
        if not may_be_sent_again(mail):
            raise NotToBeSentAgain
        # A report about the sending before must not be taken for one about this.
        mail.key, mail.state, mail.attempts = random_token(), State.WAITING, 0
        mail.sent_again_at = mail.next_attempt_at = now
        mail.handed_over_at = mail.reported_at = None
        mail.server_answer = mail.reported_status = mail.reported_words = ""
        mail.save()
        tasks.deliver.defer()
        audit.record(
            Event.MAIL_SENT_AGAIN,
            subject=kind_named(mail.kind).concerns(mail),
            actor=sent_by,
            now=now,
            origin=origin,
            mail=mail.pk,
            kind=mail.kind,
        )
    return mail


def forget_sent_to(addresses: Collection[str]) -> None:
    """No mail to any of these addresses is in the log, nor on its way, unless something still holds on to it."""
    # By kind, because there is an index for that.
    to_them = OutgoingMail.objects.filter(kind__in=kind_names(), recipient__in=addresses)
    nobodys(to_them).delete()


def forget_old(*, keep_for: timedelta, now: datetime) -> int:
    """Mails of long ago that nothing holds on to leave the log, a chunk at a time; how many that was."""
    old = OutgoingMail.objects.filter(state__in=rules.ENDED, queued_at__lt=now - keep_for)
    deleted, _ = some_of(nobodys(old)).delete()
    return deleted


def keep_back_due(*, now: datetime) -> int:
    """After a restore: mails that may have gone out since the backup are not sent unless somebody has them sent again.

    Those planned for later stay planned. Their kinds are not told that they failed, because they may have arrived. How
    many mails that were.
    """
    is_planned = Q(state=State.WAITING, attempts=0, next_attempt_at__gt=now)
    under_way = OutgoingMail.objects.filter(state__in=rules.UNDER_WAY).exclude(is_planned)
    # What bears a mark has gone out, and the next delivery notes it.
    return under_way.exclude(TAKEN_UNDER_THIS_CLAIM).update(
        state=State.FAILED, claimed_at=None, next_attempt_at=None, server_answer=rules.HELD_AFTER_RESTORE
    )
