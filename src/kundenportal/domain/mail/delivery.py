"""From the queue to the mail server. Every step can be the last one before a crash:

claimed, not written      the lease runs out and another worker claims the mail
written, not handed over  likewise; what was written exists nowhere and is written anew
handed over, not marked   likewise; a second mail goes out, and what the second one says is what holds
marked, not noted         the lease runs out and another worker notes the hand-over; nothing goes out again

The mark is one cheap statement for each mail; what there is to note and to tell is much more, and is done for
rules.NOTED_TOGETHER at once where there are many. So of each job of a worker that is killed one mail goes out twice at
most.
"""

from __future__ import annotations

import logging
import re
import smtplib
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import get_connection, make_msgid
from django.db import OperationalError, transaction
from django.db.models import F

from kundenportal.domain.audit.events import Event
from kundenportal.kernel.composed import UNHURRIED, Statement

from . import rules
from .kinds import Letter, NotNeeded, kind_named, kind_of_many, note_trouble
from .message import Message
from .models import SERVER_ANSWER_MAX_LENGTH, TAKEN_UNDER_THIS_CLAIM, OutgoingMail
from .rules import PERMANENT_REFUSALS, State

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from django.core.mail.backends.base import BaseEmailBackend
    from django.db.models import QuerySet

    from .kinds import Kind

logger = logging.getLogger(__name__)

SHORTEST_TRACE = 4  # signs of a secret in a row; fewer tell nothing
HEADERS = {
    "Auto-Submitted": "auto-generated",  # RFC 3834: asks automatic repliers to keep quiet
    "X-Auto-Response-Suppress": "OOF, AutoReply",
}
# Not waited for until it is on the disk: a worker that is killed takes no database with it. With a database that is
# killed, the marks since a worker last noted may be lost, for what is noted is waited for.
# Not before the claim, whatever the clocks say: an earlier mark is that of an earlier claim.
_MARK = Statement(
    f"""
    UPDATE mail_outgoingmail SET taken_at = greatest(%s, claimed_at)
    WHERE id = %s AND state = '{State.SENDING.value}' AND claimed_at = %s
    RETURNING {UNHURRIED}
    """  # noqa: S608 - nobody else's words
)


class MailServerAway(Exception):  # noqa: N818 - reads as what happened
    """The mail server cannot be talked to at all: no use in trying the next mail now."""


class MailRefused(Exception):  # noqa: N818
    """The mail server will never take this mail."""


class MailPostponed(Exception):  # noqa: N818
    """The mail server did not take this mail now."""


def deliver_due_mails(*, clock: Callable[[], datetime], may_go_on: Callable[[], bool] = lambda: True) -> int:
    """Hands over every mail that is due, until none is left, the mail server is away or it may not go on.

    How many it took.
    """
    handed_over = 0
    _note_what_the_dead_handed_over(now=clock())
    connection = get_connection()
    try:
        while may_go_on() and (mail := claim_due_mail(now=clock())):
            others = _claim_others_like(mail, now=clock())
            try:
                if others:
                    handed_over += _deliver_together([mail, *others], connection, clock=clock)
                else:
                    handed_over += _deliver(mail, connection, clock=clock)
            except MailServerAway:
                break
    finally:
        _close(connection)
    return handed_over


def _note_what_the_dead_handed_over(*, now: datetime) -> None:
    """As of when it was: they had no time left to note it."""
    for mail in _abandoned(now).filter(TAKEN_UNDER_THIS_CLAIM):
        _note_hand_over(mail, now=mail.taken_at)  # type: ignore[arg-type]  # it is marked


def _abandoned(now: datetime) -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(state=State.SENDING, claimed_at__lte=now - rules.LEASE).order_by("claimed_at")


def claim_due_mail(*, now: datetime) -> OutgoingMail | None:
    """The mail whose turn it is, now this worker's own for rules.LEASE; None if nothing is due.

    Whoever waits for a single mail does not wait for the many of an import.
    """
    waiting = (
        OutgoingMail.objects.select_for_update(skip_locked=True)
        .filter(state=State.WAITING, next_attempt_at__lte=now)
        .order_by("next_attempt_at", "pk")
    )
    # Three questions, each answered by the first entry of an index; together they would have to be sorted.
    in_turn = (
        _abandoned(now).exclude(TAKEN_UNDER_THIS_CLAIM).select_for_update(skip_locked=True),
        waiting.filter(is_one_of_many=False),
        waiting.filter(is_one_of_many=True),
    )
    with transaction.atomic():
        mail = next(filter(None, (found.first() for found in in_turn)), None)
        if mail:
            mail.state, mail.claimed_at, mail.attempts, mail.taken_at = State.SENDING, now, mail.attempts + 1, None
            mail.save(update_fields=["state", "claimed_at", "attempts", "taken_at"])
    return mail


def _claim_others_like(mail: OutgoingMail, *, now: datetime) -> list[OutgoingMail]:
    """Of mails that are written together, those whose turn comes next; likewise claimed."""
    if not (mail.is_one_of_many and kind_of_many(mail.kind)):
        return []
    waiting = OutgoingMail.objects.select_for_update(skip_locked=True).filter(
        state=State.WAITING, is_one_of_many=True, next_attempt_at__lte=now
    )
    with transaction.atomic():
        next_ones = waiting.order_by("next_attempt_at", "pk")[: rules.WRITTEN_TOGETHER - 1]
        others = [each for each in next_ones if each.kind == mail.kind]
        OutgoingMail.objects.filter(pk__in=[each.pk for each in others]).update(
            state=State.SENDING, claimed_at=mail.claimed_at, attempts=F("attempts") + 1, taken_at=None
        )
    for each in others:
        each.state, each.claimed_at, each.attempts = State.SENDING, mail.claimed_at, each.attempts + 1
    return others


def _deliver_together(
    mails: Sequence[OutgoingMail], connection: BaseEmailBackend, *, clock: Callable[[], datetime]
) -> int:
    """The same as one by one, but what is asked of the database and noted there is asked and noted for all at once."""
    try:
        _reach_mail_server(connection)
        letters = _write_together(mails, now=clock())
    except Exception:  # noqa: BLE001 - whatever it was, it is found out and said where each is delivered alone
        return _deliver_one_by_one(mails, connection, clock=clock)
    handed_over = 0
    taken: list[OutgoingMail] = []
    left = list(letters)
    try:
        # A server that takes its time must not keep us until others take us for dead.
        while left and clock() < mails[0].claimed_at + rules.TOGETHER_AT_MOST:  # type: ignore[operator]  # claimed
            mail = left.pop(0)
            if _hand_over(mail, letters[mail], connection, clock=clock):
                taken.append(mail)
            if len(taken) == rules.NOTED_TOGETHER:
                handed_over += _note_together(taken, now=clock())
                taken = []
    finally:
        try:
            handed_over += _note_together(taken, now=clock())
        finally:
            _give_back(left)
    return handed_over


def _deliver_one_by_one(
    mails: Sequence[OutgoingMail], connection: BaseEmailBackend, *, clock: Callable[[], datetime]
) -> int:
    handed_over = 0
    for number, mail in enumerate(mails, start=1):
        try:
            handed_over += _deliver(mail, connection, clock=clock)
        except MailServerAway:
            _give_back(mails[number:])
            raise
    return handed_over


def _write_together(mails: Sequence[OutgoingMail], *, now: datetime) -> dict[OutgoingMail, Letter]:
    kind = kind_of_many(mails[0].kind)
    assert kind is not None  # noqa: S101 - or else they would not have been claimed together
    with transaction.atomic():
        ours = set(_ours(mails).order_by("pk").select_for_update().values_list("pk", flat=True))
        to_write = [mail for mail in mails if mail.pk in ours]
        letters = kind.write_many(to_write, now=now)
    for mail in to_write:
        if mail not in letters:
            _settle(mail, State.NOT_NEEDED, "", now=now)
    return letters


def _note_together(mails: Sequence[OutgoingMail], *, now: datetime) -> int:
    if not mails:
        return 0
    with transaction.atomic():
        ours = set(_ours(mails).order_by("pk").select_for_update().values_list("pk", flat=True))
        noted = [mail for mail in mails if mail.pk in ours]
        OutgoingMail.objects.filter(pk__in=ours).update(**_handed_over(now))
        _tell_of_many(noted, now=now)
    return len(noted)


def _tell_of_many(mails: Sequence[OutgoingMail], *, now: datetime) -> None:
    kind = kind_of_many(mails[0].kind) if mails else None
    try:
        with transaction.atomic():
            if kind:
                kind.many_handed_over(mails, now=now)
    except OperationalError:
        raise
    except Exception:  # noqa: BLE001 - said where each is told of alone
        for mail in mails:
            tell(mail, partial(_tell_handed_over, mail, now))


def _tell_handed_over(mail: OutgoingMail, now: datetime, kind: Kind) -> None:
    kind.handed_over(mail, now=now)


def _give_back(mails: Sequence[OutgoingMail]) -> None:
    """Nobody has tried to hand them over: it is still their turn."""
    if mails:
        _ours(mails).update(state=State.WAITING, claimed_at=None, attempts=F("attempts") - 1)


def _deliver(mail: OutgoingMail, connection: BaseEmailBackend, *, clock: Callable[[], datetime]) -> bool:
    try:
        # First, because writing an access letter replaces the password of the one before it, which may have arrived.
        _reach_mail_server(connection)
        letter = _write(mail, now=clock())
    except _LeaseLost:
        return False
    except NotNeeded:
        _settle(mail, State.NOT_NEEDED, "", now=clock())
        return False
    except MailServerAway as reason:
        _postpone(mail, _answer(reason, None), now=clock())
        raise
    except Exception:
        # A fault of ours in one mail must not keep the others from going out.
        logger.exception("mail %s (%s) could not be written", mail.pk, mail.kind)
        _postpone(mail, "", now=clock())
        return False
    return _hand_over(mail, letter, connection, clock=clock) and _note_hand_over(mail, now=clock())


class _LeaseLost(Exception):  # noqa: N818
    """Another worker took this one for dead, and the mail with it."""


def _write(mail: OutgoingMail, *, now: datetime) -> Letter:
    with transaction.atomic():
        if not _still_ours(mail).select_for_update().exists():
            raise _LeaseLost
        return kind_named(mail.kind).write(mail, now=now)


def _reach_mail_server(connection: BaseEmailBackend) -> None:
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        _close(connection)
        raise MailServerAway(error) from error


def _hand_over(
    mail: OutgoingMail, letter: Letter, connection: BaseEmailBackend, *, clock: Callable[[], datetime]
) -> bool:
    """Whether the mail server has taken it, and it is ours still; then it is marked, so that nobody sends it again."""
    try:
        _reach_mail_server(connection)
        _send(mail, letter, connection)
    except MailRefused as refusal:
        _give_up(mail, _answer(refusal, letter), now=clock())
        return False
    except (MailPostponed, MailServerAway) as reason:
        _postpone(mail, _answer(reason, letter), now=clock())
        if isinstance(reason, MailServerAway):
            raise
        return False
    except Exception:
        logger.exception("mail %s (%s) could not be handed over", mail.pk, mail.kind)
        _postpone(mail, "", now=clock())
        return False
    # If the database is gone by now, nobody knows of this one, and nothing else may be handed over: the run ends here.
    return _MARK.returned(clock(), mail.pk, mail.claimed_at) is not None


def _send(mail: OutgoingMail, letter: Letter, connection: BaseEmailBackend) -> None:
    message = Message(
        subject=letter.subject,
        body=letter.text,
        html=letter.html,
        from_email=_envelope_sender(mail, letter),
        to=[mail.recipient],
        reply_to=[letter.reply_to],
        headers={
            **HEADERS,
            "From": letter.sender,
            "Message-ID": make_msgid(domain=letter.reply_to.rpartition("@")[2]),
        },
        connection=connection,
    )
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        # Whatever the matter was (421 announces the end), the next mail begins with a connection of its own.
        _close(connection)
        raise (MailRefused if _is_refused_for_good(error) else MailPostponed)(error) from error


def _envelope_sender(mail: OutgoingMail, letter: Letter) -> str:
    return_address = settings.RETURN_ADDRESS
    return rules.envelope_sender(return_address, mail.key) if return_address else letter.sender


def _is_refused_for_good(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, _ = next(iter(error.recipients.values()))
        return code in PERMANENT_REFUSALS
    # A refused sender is a wrong setting, and the mail itself may still go out.
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code in PERMANENT_REFUSALS


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        logger.info("the mail server ended the connection first")


def _answer(reason: Exception, letter: Letter | None) -> str:
    cause = reason.args[0]
    if isinstance(cause, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(cause.recipients.values()))
        answer = f"{code} {_decoded(reply)}"
    elif isinstance(cause, smtplib.SMTPResponseException):
        answer = f"{cause.smtp_code} {_decoded(cause.smtp_error)}"
    else:
        answer = str(cause)
    for secret in letter.secrets if letter else ():
        answer = _blotted_out(secret, answer)
    return answer.replace("\0", "�")[:SERVER_ANSWER_MAX_LENGTH]  # PostgreSQL cannot hold a NUL


def _blotted_out(secret: str, answer: str) -> str:
    # A filter may quote a line in another case, without its hyphens, broken in two, or in part.
    signs = [re.escape(sign) for sign in secret if sign.isalnum()]
    traces = (
        r"[\W_]*".join(signs[start : start + SHORTEST_TRACE])
        for start in range(max(1, len(signs) - SHORTEST_TRACE + 1))
    )
    return re.sub("|".join(traces), "…", answer, flags=re.IGNORECASE)


def _decoded(reply: bytes | str) -> str:
    return reply.decode(errors="replace") if isinstance(reply, bytes) else reply


def _note_hand_over(mail: OutgoingMail, *, now: datetime) -> bool:
    with transaction.atomic():
        noted = _still_ours(mail).update(**_handed_over(now))
        if noted:
            tell(mail, lambda kind: kind.handed_over(mail, now=now))
    return bool(noted)


def _handed_over(now: datetime) -> dict[str, object]:
    return {
        "state": State.HANDED_OVER,
        "handed_over_at": now,
        "claimed_at": None,
        "next_attempt_at": None,
        "server_answer": "",
    }


def _postpone(mail: OutgoingMail, answer: str, *, now: datetime) -> None:
    again_at = rules.next_attempt_at(attempts=mail.attempts, queued_at=mail.sent_again_at or mail.queued_at, now=now)
    if again_at is None:
        _give_up(mail, answer, now=now)
        return
    with transaction.atomic():
        ours = _still_ours(mail).update(
            state=State.WAITING, claimed_at=None, next_attempt_at=again_at, server_answer=answer
        )
        mail.server_answer = answer
        if ours and mail.attempts == 1:  # the mail log says how often it was tried since
            tell(mail, lambda kind: note_trouble(Event.MAIL_DEFERRED, mail, kind.concerns(mail), now=now))


def _give_up(mail: OutgoingMail, answer: str, *, now: datetime) -> None:
    if _settle(mail, State.FAILED, answer, now=now):
        # What the server said names the address it was for, and stands in the mail log.
        logger.warning("mail %s (%s) failed for good", mail.pk, mail.kind)


def _settle(mail: OutgoingMail, state: State, answer: str, *, now: datetime) -> bool:
    with transaction.atomic():
        settled = _still_ours(mail).update(state=state, claimed_at=None, next_attempt_at=None, server_answer=answer)
        mail.server_answer = answer
        if settled and state == State.FAILED:
            tell(mail, lambda kind: kind.gave_up(mail, now=now))
    return bool(settled)


def tell(mail: OutgoingMail, news: Callable[[Kind], None]) -> None:
    """The mail's kind learns what became of it; a fault of ours in there changes nothing about that."""
    try:
        with transaction.atomic():
            news(kind_named(mail.kind))
    except OperationalError:
        raise
    except Exception:
        # Or else the mail would go out again and again.
        logger.exception("mail %s (%s) is settled, and its kind did not take it", mail.pk, mail.kind)


def _still_ours(mail: OutgoingMail) -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(pk=mail.pk, state=State.SENDING, claimed_at=mail.claimed_at)


def _ours(mails: Sequence[OutgoingMail]) -> QuerySet[OutgoingMail]:
    numbers = [mail.pk for mail in mails]
    return OutgoingMail.objects.filter(pk__in=numbers, state=State.SENDING, claimed_at=mails[0].claimed_at)
